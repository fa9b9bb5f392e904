package dev.cider.broker;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A broker as an endpoint of another one (G20).
 */
class TreeTests {

	private static final EndpointOptions AT_ONCE = TestOptions.restartAtOnceUntilDropped();

	private static final EndpointOptions NEVER = TestOptions.with(RestartPolicy.builder().mode(RestartMode.NEVER));

	private final Broker outer = Broker.builder().keepServing(true).build();

	private final Puppets feeds = new Puppets();

	private final Puppets caches = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final List<Broker> inners = new CopyOnWriteArrayList<>();

	@AfterEach
	void stopAll() {
		this.outer.close();
	}

	private void serve(EndpointOptions inside, ManualTime time) {
		this.outer.registerEndpointFactory("group", () -> {
			Broker.Builder builder = Broker.builder();
			Broker inner = (time != null) ? time.build(builder) : builder.build();
			inner.registerEndpointFactory("feed", this.feeds, inside);
			inner.registerEndpointFactory("cache", this.caches, inside);
			this.inners.add(inner);
			return inner.asEndpoint();
		}, AT_ONCE);
		this.outer.monitor(this.monitor);
		this.outer.listenAndServe();
	}

	@Test
	void aDropInsideIsACrashOutsideAndRestartsTheWholeGroup() {
		ManualTime time = new ManualTime();
		serve(NEVER, time);
		Puppet feed = this.feeds.next();
		Puppet cache = this.caches.next();
		// Long after the error window: with NEVER that makes no difference.
		time.pass(Duration.ofHours(1));
		Exception error = new Exception("boom");
		feed.crash(error);

		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.factoryId()).isEqualTo("group");
		assertThat(report.error()).isInstanceOf(EndpointDroppedException.class)
			.hasCause(error)
			.hasMessage("Endpoint 'feed' was dropped: crash in mode NEVER (served 1 h): drop")
			.satisfies((thrown) -> assertThat(((EndpointDroppedException) thrown).id()).isEqualTo("feed"));
		assertThat(this.feeds.next()).isNotSameAs(feed);
		assertThat(this.caches.next()).isNotSameAs(cache);
		assertThat(cache.closes).hasValue(1);
		assertThat(this.inners).hasSize(2);
		assertThat(this.inners.get(0).state()).isEqualTo(BrokerState.TERMINATED);
	}

	@Test
	void aCrashThatIsRepairedInsideIsNotSeenOutside() {
		serve(AT_ONCE, null);
		this.caches.next();
		this.feeds.next().crash();
		this.feeds.next();
		assertThat(this.monitor.crashes).isEmpty();
		assertThat(this.inners).hasSize(1);
	}

	@Test
	void aGroupThatHasFinishedReturns() {
		serve(AT_ONCE, null);
		this.feeds.next().finish();
		this.caches.next().finish();
		Waiting.untilState(this.outer, "group", EndpointState.FINISHED);
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void closingTheOuterClosesTheInnerFirst() {
		serve(AT_ONCE, null);
		Puppet feed = this.feeds.next();
		Puppet cache = this.caches.next();
		this.outer.close();
		assertThat(this.inners.get(0).state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(List.of(feed, cache)).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void aCloseBeforeListenAndServeStartsNothing() throws Exception {
		Broker inner = Broker.create();
		inner.registerEndpointFactory("feed", this.feeds);
		Endpoint endpoint = inner.asEndpoint();
		endpoint.close();
		endpoint.listenAndServe();
		assertThat(this.feeds.all).isEmpty();
		assertThat(inner.state()).isEqualTo(BrokerState.INITIALISED);
	}

	/** The start calls a method of a Thread subclass: user code, which may hang. */
	@Test
	void g9ACloseDoesNotWaitForAStartThatHangs() throws Exception {
		Broker inner = Broker.create();
		inner.registerEndpointFactory("feed", this.feeds);
		Endpoint endpoint = inner.asEndpoint();
		CountDownLatch hung = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicReference<Throwable> thrown = new AtomicReference<>();
		Thread serving = new Thread(() -> thrown.set(catchThrowable(endpoint::listenAndServe))) {
			@Override
			public ClassLoader getContextClassLoader() {
				hung.countDown();
				Waiting.onDeaf(goOn);
				return super.getContextClassLoader();
			}
		};
		serving.start();
		Waiting.on(hung);
		Thread closing = new Thread(() -> catchThrowable(endpoint::close));
		closing.start();
		// Before the start goes on. It may be blocked for an instant, by a class that
		// loads.
		Waiting.until(() -> !closing.isAlive());
		goOn.countDown();
		serving.join();
		assertThat(thrown).hasValue(null);
		assertThat(this.feeds.all).isEmpty();
	}

	@Test
	void onlyAFreshBrokerCanBeAnEndpoint() {
		this.outer.listenAndServe();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.outer::asEndpoint);
	}

	/** One broker in the other, at each level an endpoint of that name. */
	private static Endpoint nest(ManualTime time, EndpointFactory innermost, String... path) throws Exception {
		if (path.length == 0) {
			return innermost.create();
		}
		Broker broker = time.build(Broker.builder());
		String[] rest = Arrays.copyOfRange(path, 1, path.length);
		broker.registerEndpointFactory(path[0], () -> nest(time, innermost, rest));
		return broker.asEndpoint();
	}

	private static void closeInVain(ManualTime time, int levels) {
		// All close within equal limits: that of the outermost passes first.
		Waiting.until(() -> time.pending() == levels);
		time.pass(EndpointOptions.defaults().closeTimeout());
		time.fireWithin(Duration.ofSeconds(1));
	}

	@Test
	void g10WhatIsAbandonedAtAnyDepthCountsAndIsListedOutside() throws Exception {
		ManualTime time = new ManualTime();
		Puppets members = new Puppets(Puppet.Deaf::new);
		Broker broker = time.build(Broker.builder().keepServing(true));
		broker.registerEndpointFactory("a", () -> nest(time, members, "b", "c"));
		broker.listenAndServe();
		Puppet.Deaf first = (Puppet.Deaf) members.next();
		broker.restart("a");
		Waiting.until(() -> time.pending() == 3);
		time.pass(EndpointOptions.defaults().closeTimeout());
		assertThat(broker.endpoint("a").state()).as("while it may still close inside").isEqualTo(EndpointState.CLOSING);
		assertThat(members.all).hasSize(1);
		time.fireWithin(Duration.ofSeconds(1));
		Puppet.Deaf second = (Puppet.Deaf) members.next();
		assertThat(broker.endpoint("a")).satisfies((shown) -> {
			assertThat(shown.incarnation()).isEqualTo(2);
			assertThat(shown.abandoned()).isEqualTo(1);
		});
		broker.terminate();
		closeInVain(time, 3);
		Termination end = broker.await();
		assertThat(end.stuck()).hasSize(2).allSatisfy((stuck) -> {
			assertThat(stuck.id()).isEqualTo("a/b/c");
			assertThat(stuck.stack()).anyMatch((frame) -> frame.getMethodName().equals("obey"));
		});
		assertThat(broker.endpoint("a").abandoned()).isEqualTo(2);
		first.letGo();
		Waiting.until(() -> broker.endpoint("a").abandoned() == 1);
		second.letGo();
		Waiting.until(() -> broker.endpoint("a").abandoned() == 0);
		assertThat(new Insides(broker).alive("a")).isEmpty();
	}

	@Test
	void g10WhatIsAbandonedInsideWhileItServesCountsOutsideToo() throws Exception {
		ManualTime time = new ManualTime();
		Puppets members = new Puppets(Puppet.Deaf::new);
		AtomicReference<Broker> inner = new AtomicReference<>();
		Broker broker = time.build(Broker.builder());
		broker.registerEndpointFactory("group", () -> {
			inner.set(time.build(Broker.builder()));
			inner.get().registerEndpointFactory("member", members);
			return inner.get().asEndpoint();
		});
		broker.listenAndServe();
		Puppet.Deaf first = (Puppet.Deaf) members.next();
		inner.get().restart("member");
		closeInVain(time, 1);
		Puppet.Deaf second = (Puppet.Deaf) members.next();
		Waiting.until(() -> broker.endpoint("group").abandoned() == 1);
		assertThat(broker.endpoint("group").state()).isEqualTo(EndpointState.SERVING);
		first.letGo();
		Waiting.until(() -> broker.endpoint("group").abandoned() == 0);
		second.letGo();
		broker.close();
		assertThat(broker.await().stuck()).isEmpty();
	}

	@Test
	void g10TheNextBrokerGoesOnCountingWhatIsAbandonedInside() throws Exception {
		ManualTime time = new ManualTime();
		Puppets members = new Puppets(Puppet.Deaf::new);
		Broker before = time.build(Broker.builder());
		before.registerEndpointFactory("group", () -> nest(time, members, "member"));
		before.listenAndServe();
		Puppet.Deaf first = (Puppet.Deaf) members.next();
		before.terminate();
		closeInVain(time, 2);
		before.await();
		Broker next = time.build(Broker.builder().continuing(before));
		next.registerEndpointFactory("group", this.feeds);
		next.listenAndServe();
		this.feeds.next();
		Waiting.until(() -> next.endpoint("group").abandoned() == 1);
		assertThat(before.endpoint("group").abandoned()).isZero();
		next.close();
		assertThat(next.await().stuck()).extracting(Termination.Stuck::id).containsExactly("group/member");
		first.letGo();
		Waiting.until(() -> next.endpoint("group").abandoned() == 0);
	}

	/**
	 * It is nobody's inner broker as far as anybody can see, so only the limits outside
	 * count.
	 */
	@Test
	void g10ABrokerBehindAWrapperIsAbandonedAsAWholeAndCountsUntilItHasEnded() throws Exception {
		ManualTime time = new ManualTime();
		ManualTime slower = new ManualTime();
		Puppets members = new Puppets(Puppet.Deaf::new);
		Broker broker = time.build(Broker.builder());
		broker.registerEndpointFactory("group", () -> {
			Endpoint wrapped = nest(slower, members, "member");
			return new Endpoint() {
				@Override
				public void listenAndServe() throws Exception {
					wrapped.listenAndServe();
				}

				@Override
				public void close() throws Exception {
					wrapped.close();
				}
			};
		});
		broker.listenAndServe();
		Puppet.Deaf first = (Puppet.Deaf) members.next();
		broker.terminate();
		Waiting.until(() -> slower.pending() == 1);
		closeInVain(time, 1);
		assertThat(broker.await().stuck()).extracting(Termination.Stuck::id).containsExactly("group");
		assertThat(broker.endpoint("group").abandoned()).isEqualTo(1);
		closeInVain(slower, 1);
		Waiting.until(() -> broker.endpoint("group").abandoned() == 0);
		first.letGo();
	}

	/** To find out that a stack cannot be read ends the broker inside. */
	@Test
	void g9TheTimerInsideWorksOnNoSignalOutside() throws Exception {
		Set<Thread> workers = ConcurrentHashMap.newKeySet();
		ManualTime outside = new ManualTime() {
			@Override
			public synchronized Moment now() {
				workers.add(Thread.currentThread());
				return super.now();
			}
		};
		ManualTime inside = new ManualTime();
		CountDownLatch release = new CountDownLatch(1);
		Puppets members = new Puppets(Puppet.Deaf::new);
		AtomicReference<Broker> inner = new AtomicReference<>();
		Broker broker = outside.build(Broker.builder().keepServing(true));
		broker.registerEndpointFactory("group", () -> {
			inner.set(inside.build(Broker.builder().threadFactory((task) -> new Thread(task) {
				@Override
				public StackTraceElement[] getStackTrace() {
					Waiting.on(release);
					return new StackTraceElement[0];
				}
			})));
			inner.get().registerEndpointFactory("member", members);
			return inner.get().asEndpoint();
		});
		broker.listenAndServe();
		Puppet.Deaf deaf = (Puppet.Deaf) members.next();
		inner.get().terminate();
		closeInVain(inside, 1);
		workers.clear();
		// This thread is the timer's.
		inside.fireWithin(Duration.ofSeconds(1));
		Waiting.untilState(broker, "group", EndpointState.FINISHED);
		assertThat(workers).isNotEmpty().doesNotContain(Thread.currentThread());
		release.countDown();
		deaf.letGo();
		broker.close();
	}

	@Test
	void aMemberCannotWaitForTheBrokerOutsideThatWaitsForIt() {
		AtomicReference<Throwable> refused = new AtomicReference<>();
		this.outer.registerEndpointFactory("group", () -> nest(new ManualTime(), () -> new Puppet() {
			@Override
			public void listenAndServe() throws Exception {
				refused.set(catchThrowable(TreeTests.this.outer::await));
				super.listenAndServe();
			}
		}, "member"));
		this.outer.listenAndServe();
		Waiting.until(() -> refused.get() != null);
		assertThat(refused.get()).isInstanceOf(InvalidStateException.class);
	}

}
