package dev.cider.broker;

import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which threads there are, what they are called, and what a ThreadFactory can break: G9
 * and G19.
 */
class ThreadsTests {

	private static final EndpointOptions AT_ONCE = TestOptions.restartAtOnce();

	private final Puppets puppets = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private Broker serve(ThreadFactory factory) {
		Broker broker = Broker.builder().threadFactory(factory).build();
		broker.registerEndpointFactory("tcp", this.puppets, AT_ONCE);
		broker.monitor(this.monitor);
		broker.listenAndServe();
		return broker;
	}

	private static Set<String> brokerThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter(Thread::isAlive)
			.map(Thread::getName)
			.filter((name) -> name.startsWith("broker-"))
			.collect(Collectors.toSet());
	}

	@Test
	void noThreadExistsBeforeServingAndNoneIsLeftAfterTheEnd() {
		Waiting.until(() -> brokerThreads().isEmpty());
		Broker broker = Broker.create();
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.monitor(this.monitor);
		assertThat(brokerThreads()).isEmpty();
		broker.listenAndServe();
		this.puppets.next();
		assertThat(brokerThreads()).contains("broker-tcp-1", "broker-keep-alive", "broker-monitor-1",
				"broker-monitor-2");
		broker.close();
		Waiting.until(() -> brokerThreads().isEmpty());
	}

	@Test
	void onlyTheKeepAliveThreadHoldsTheJvm() {
		Broker broker = Broker.create();
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.listenAndServe();
		this.puppets.next();
		assertThat(Thread.getAllStackTraces().keySet())
			.filteredOn((thread) -> thread.getName().startsWith("broker-") && !thread.isDaemon())
			.extracting(Thread::getName)
			.containsExactly("broker-keep-alive");
		broker.close();
	}

	@Test
	void threadsOfTheFactoryAreNamedByTheBroker() {
		AtomicInteger made = new AtomicInteger();
		Broker broker = serve((task) -> {
			made.incrementAndGet();
			return new Thread(task, "mine");
		});
		Puppet puppet = this.puppets.next();
		assertThat(puppet.servedBy.getName()).isEqualTo("broker-tcp-1");
		assertThat(puppet.servedBy.isDaemon()).isTrue();
		broker.close();
		assertThat(puppet.closedBy.getName()).isEqualTo("broker-tcp-1-close");
		assertThat(made).hasValue(2);
	}

	/** Its methods are user code: none is called where a crash would be lost. */
	@Test
	void g5ACrashOnAThreadWhoseIdCannotBeReadIsRepaired() {
		Broker broker = Broker.builder().threadFactory((task) -> new Thread(task) {
			@Override
			@SuppressWarnings("deprecation")
			public long getId() {
				throw new IllegalStateException("no id");
			}
		}).build();
		broker.registerEndpointFactory("tcp", this.puppets, AT_ONCE);
		broker.listenAndServe();
		this.puppets.next().crash();
		this.puppets.next();
		Waiting.untilState(broker, "tcp", EndpointState.SERVING);
		assertThat(broker.endpoint("tcp").crashes()).isEqualTo(1);
		broker.close();
	}

	@Test
	void threadsHaveTheContextClassLoaderOfTheCallerOfListenAndServe() throws Exception {
		AtomicReference<ClassLoader> seen = new AtomicReference<>();
		CountDownLatch told = new CountDownLatch(1);
		Broker broker = Broker.builder().build();
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.monitor(new BrokerMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
			}

			@Override
			public void changed(EndpointChange change) {
				seen.set(Thread.currentThread().getContextClassLoader());
				told.countDown();
			}
		});
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader loader = new URLClassLoader(new URL[0])) {
			Thread.currentThread().setContextClassLoader(loader);
			broker.listenAndServe();
			Thread.currentThread().setContextClassLoader(before);
			assertThat(this.puppets.next().servedBy.getContextClassLoader()).isSameAs(loader);
			Waiting.on(told);
			assertThat(seen).hasValue(loader);
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
			broker.close();
		}
	}

	@Test
	void aThreadFactoryThatThrowsIsACrashInPhaseCreate() {
		AtomicInteger calls = new AtomicInteger();
		Broker broker = serve((task) -> {
			if (calls.incrementAndGet() == 1) {
				throw new IllegalStateException("no threads today");
			}
			return new Thread(task);
		});
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.CREATE);
		assertThat(report.error()).hasMessage("no threads today");
		this.puppets.next();
		broker.close();
	}

	@Test
	void aThreadFactoryThatReturnsNullIsACrashInPhaseCreate() {
		AtomicInteger calls = new AtomicInteger();
		Broker broker = serve((task) -> (calls.incrementAndGet() == 1) ? null : new Thread(task));
		assertThat(this.monitor.nextCrash().error())
			.hasMessage("The ThreadFactory returned no thread for broker-tcp-1");
		this.puppets.next();
		broker.close();
	}

	@Test
	void aThreadFactoryThatReturnsAUsedThreadIsACrashInPhaseCreateThatNamesTheRule() throws InterruptedException {
		Thread used = new Thread(() -> {
		});
		used.start();
		used.join();
		AtomicInteger calls = new AtomicInteger();
		Broker broker = serve((task) -> (calls.incrementAndGet() == 1) ? used : new Thread(task));
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.CREATE);
		assertThat(report.error()).hasMessage("The ThreadFactory returned a thread in state TERMINATED"
				+ " for broker-tcp-1: it must return a new thread that it has not started");
		assertThat(used.getName()).isNotEqualTo("broker-tcp-1");
		this.puppets.next();
		broker.close();
	}

	@Test
	void aThreadFactoryThatStartsTheThreadItselfServesEachInstanceOnceOrCrashes() {
		Broker broker = serve((task) -> {
			Thread thread = new Thread(task);
			thread.start();
			return thread;
		});
		Waiting.until(() -> broker.endpoint("tcp").starts() > 3 || !this.puppets.all.isEmpty());
		broker.close();
		assertThat(this.puppets.all).allSatisfy((puppet) -> {
			assertThat(puppet.serves.get()).isLessThanOrEqualTo(1);
			assertThat(puppet.closes).hasValue(1);
		});
	}

	@Test
	void aThreadFactoryThatHangsDelaysNoOtherEndpointAndNoCaller() {
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger calls = new AtomicInteger();
		Broker broker = Broker.builder().threadFactory((task) -> {
			if (calls.incrementAndGet() == 1) {
				Waiting.on(release);
			}
			return new Thread(task);
		}).build();
		Puppets others = new Puppets();
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.registerEndpointFactory("udp", others);
		broker.listenAndServe();
		// Which of the two gets the hanging call is up to the scheduler.
		Waiting.until(() -> this.puppets.all.size() + others.all.size() == 1);
		release.countDown();
		this.puppets.next();
		others.next();
		broker.close();
	}

	/** Ignores its close; its thread is of a class that does what it likes. */
	private Broker serveStuck(ManualTime time, ThreadFactory factory, Puppets deaf) {
		Broker broker = time.build(Broker.builder().threadFactory(factory));
		broker.registerEndpointFactory("tcp", deaf);
		broker.monitor(this.monitor);
		broker.listenAndServe();
		return broker;
	}

	private static void abandon(ManualTime time) {
		time.fireWithin(EndpointOptions.defaults().closeTimeout());
		time.fireWithin(Duration.ofSeconds(1));
	}

	@Test
	void g11ABrokerTerminatesEvenIfTheStackOfAStuckThreadCannotBeRead() {
		ManualTime time = new ManualTime();
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		Broker broker = serveStuck(time, (task) -> new Thread(task) {
			@Override
			public StackTraceElement[] getStackTrace() {
				throw new LinkageError("no stack");
			}
		}, deaf);
		Puppet.Deaf puppet = (Puppet.Deaf) deaf.next();
		broker.terminate();
		abandon(time);
		assertThat(broker.terminated()).succeedsWithin(Waiting.LIMIT);
		Waiting.on(this.monitor.terminated);
		puppet.letGo();
	}

	@Test
	void g11ABrokerTerminatesEvenIfReadingTheStackOfAStuckThreadHangs() throws Exception {
		ManualTime time = new ManualTime();
		CountDownLatch release = new CountDownLatch(1);
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		Broker broker = serveStuck(time, (task) -> new Thread(task) {
			@Override
			public StackTraceElement[] getStackTrace() {
				Waiting.on(release);
				return new StackTraceElement[0];
			}
		}, deaf);
		Puppet.Deaf puppet = (Puppet.Deaf) deaf.next();
		broker.terminate();
		abandon(time);
		time.fireWithin(Duration.ofSeconds(1));
		assertThat(broker.terminated()).succeedsWithin(Waiting.LIMIT);
		assertThat(broker.await().stuck()).singleElement().satisfies((stuck) -> assertThat(stuck.stack()).isEmpty());
		release.countDown();
		puppet.letGo();
	}

	@Test
	void g10AThreadWhoseInterruptThrowsDoesNotKeepTheOthersFromTheirs() {
		ManualTime time = new ManualTime();
		CountDownLatch closing = new CountDownLatch(1);
		CountDownLatch closeInterrupted = new CountDownLatch(1);
		Puppets deaf = new Puppets(() -> new Puppet.Deaf() {
			@Override
			public void close() throws Exception {
				closing.countDown();
				try {
					new CountDownLatch(1).await();
				}
				finally {
					closeInterrupted.countDown();
				}
			}
		});
		AtomicInteger calls = new AtomicInteger();
		Broker broker = serveStuck(time, (task) -> (calls.incrementAndGet() > 1) ? new Thread(task) : new Thread(task) {
			@Override
			public void interrupt() {
				throw new LinkageError("no interrupt");
			}
		}, deaf);
		Puppet.Deaf puppet = (Puppet.Deaf) deaf.next();
		broker.terminate();
		// Who has not begun to close when it is time to interrupt is not interrupted.
		Waiting.on(closing);
		abandon(time);
		Waiting.on(closeInterrupted);
		assertThat(broker.terminated()).succeedsWithin(Waiting.LIMIT);
		puppet.letGo();
	}

	@Test
	void g3AnInstanceMadeAfterAStopIsClosedEvenIfItsThreadsInterruptHangs() {
		ManualTime time = new ManualTime();
		CountDownLatch creating = new CountDownLatch(1);
		CountDownLatch create = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Broker broker = time.build(Broker.builder().keepServing(true).threadFactory((task) -> new Thread(task) {
			@Override
			public void interrupt() {
				Waiting.on(release);
			}
		}));
		broker.registerEndpointFactory("tcp", () -> {
			creating.countDown();
			Waiting.on(create);
			return this.puppets.create();
		});
		broker.listenAndServe();
		Waiting.on(creating);
		broker.stop("tcp");
		create.countDown();
		time.fireWithin(EndpointOptions.defaults().closeTimeout());
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		assertThat(this.puppets.all).hasSize(1).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
		release.countDown();
		broker.close();
	}

	@Test
	void g3AnInstanceForWhoseCloseThereWasNoThreadIsClosedWhenThereIsOne() {
		ManualTime time = new ManualTime();
		AtomicInteger refusals = new AtomicInteger(3);
		Broker broker = time.build(Broker.builder().threads(new Threads(null) {
			@Override
			Thread own(String name, Runnable task) {
				if (name.endsWith("-close") && refusals.getAndDecrement() > 0) {
					throw new OutOfMemoryError("unable to create native thread");
				}
				return super.own(name, task);
			}
		}));
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.listenAndServe();
		Puppet puppet = this.puppets.next();
		broker.stop("tcp");
		// Two attempts at once, the third after a pause, and the fourth succeeds.
		time.fireWithin(Shortage.PAUSE);
		assertThat(puppet.closes).hasValue(0);
		time.fireWithin(Shortage.PAUSE);
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(refusals).hasNegativeValue();
		broker.close();
	}

	@Test
	void g3AnInstanceIsClosedEvenIfTheInterruptOfItsOwnThreadThrows() {
		StallingTime time = new StallingTime();
		CountDownLatch begun = new CountDownLatch(1);
		Broker broker = Broker.builder().time(time).threadFactory((task) -> new Thread(task) {
			@Override
			public void interrupt() {
				super.interrupt();
				throw new LinkageError("no interrupt");
			}
		}).build();
		AtomicReference<Thread> creator = new AtomicReference<>();
		broker.registerEndpointFactory("tcp", () -> {
			Endpoint puppet = this.puppets.create();
			Waiting.on(begun);
			time.stall(() -> broker.stop("tcp"));
			try {
				Thread.currentThread().interrupt();
			}
			catch (LinkageError expected) {
				creator.set(Thread.currentThread());
			}
			return puppet;
		});
		broker.listenAndServe();
		begun.countDown();
		// It waits for its verdict, and has put the interrupt aside.
		Waiting.until(() -> creator.get() != null && !creator.get().isInterrupted());
		time.release();
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		assertThat(this.puppets.all).singleElement().satisfies((puppet) -> assertThat(puppet.closes).hasValue(1));
		broker.close();
	}

	@Test
	void theFatalPredicateIsNotAskedWhyThereIsNoThread() {
		AtomicInteger asked = new AtomicInteger();
		Broker broker = Broker.builder().threadFactory((task) -> {
			throw new IllegalStateException("no threads today");
		}).build();
		broker.registerEndpointFactory("tcp", this.puppets, EndpointOptions.builder()
			.restartPolicy(RestartPolicy.builder().allowedConsecutiveErrors(1).fatal((error) -> {
				asked.incrementAndGet();
				return true;
			}).build())
			.build());
		broker.monitor(this.monitor);
		broker.listenAndServe();
		assertThat(this.monitor.nextCrash().dropped()).isTrue();
		assertThat(asked).hasValue(0);
	}

	@Test
	void theJvmIsHeldUntilTheMonitorsWereToldWhyTheBrokerEnded() {
		CountDownLatch release = new CountDownLatch(1);
		CountDownLatch told = new CountDownLatch(1);
		Broker broker = Broker.create();
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.monitor(new BrokerMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
			}

			@Override
			public void terminated(Termination termination) {
				told.countDown();
				Waiting.on(release);
			}
		});
		broker.listenAndServe();
		this.puppets.next().finish();
		Waiting.on(told);
		assertThat(broker.state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(brokerThreads()).contains("broker-keep-alive");
		release.countDown();
		Waiting.until(() -> !brokerThreads().contains("broker-keep-alive"));
	}

	@Test
	void g3AnInstanceIsClosedEvenIfThereIsNoThreadForIt() {
		AtomicInteger calls = new AtomicInteger();
		Broker broker = serve((task) -> {
			if (calls.incrementAndGet() > 1) {
				throw new IllegalStateException("no more threads");
			}
			return new Thread(task);
		});
		Puppet puppet = this.puppets.next();
		broker.close();
		assertThat(puppet.closes).hasValue(1);
		assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
	}

	@Test
	void g3AnInstanceIsClosedEvenIfTheThreadFactoryHangs() {
		ManualTime time = new ManualTime();
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger calls = new AtomicInteger();
		Broker broker = time.build(Broker.builder().threadFactory((task) -> {
			if (calls.incrementAndGet() > 1) {
				Waiting.on(release);
			}
			return new Thread(task);
		}));
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.listenAndServe();
		Puppet puppet = this.puppets.next();
		broker.terminate();
		time.fireWithin(EndpointOptions.defaults().closeTimeout());
		broker.close();
		assertThat(puppet.closes).hasValue(1);
		release.countDown();
		assertThat(puppet.closes).hasValue(1);
	}

	/**
	 * No helper thread is needed for them, but then the creating thread may be a user's.
	 */
	@Test
	void g15VirtualThreadsOfTheJdkInheritNothingFromWhoeverStartsThem() throws Exception {
		Assumptions.assumeTrue(Runtime.version().feature() >= 21, "virtual threads need Java 21");
		Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
		ThreadFactory virtual = (ThreadFactory) Class.forName("java.lang.Thread$Builder")
			.getMethod("factory")
			.invoke(builder);
		InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
		AtomicReference<String> seen = new AtomicReference<>("nothing yet");
		Broker broker = Broker.builder().threadFactory(virtual).build();
		broker.registerEndpointFactory("tcp", () -> {
			seen.set(local.get());
			return this.puppets.create();
		}, AT_ONCE);
		local.set("the caller's");
		try {
			broker.listenAndServe();
		}
		finally {
			local.remove();
		}
		Puppet first = this.puppets.next();
		assertThat(first.servedBy.getName()).isEqualTo("broker-tcp-1");
		assertThat(Thread.class.getMethod("isVirtual").invoke(first.servedBy)).isEqualTo(true);
		first.crash(new IllegalStateException("boom"));
		assertThat(this.puppets.next().servedBy.getName()).isEqualTo("broker-tcp-2");
		broker.close();
		assertThat(seen).hasValue(null);
	}

}
