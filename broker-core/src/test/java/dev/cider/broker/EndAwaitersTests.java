package dev.cider.broker;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A broker does not wait for a thread that waits for it, and does not interrupt it. No
 * limit of an endpoint would end these tests in time.
 */
@Timeout(120)
class EndAwaitersTests {

	private final Leftovers leftovers = new Leftovers();

	private final Broker broker = Broker.create();

	private final CountDownLatch working = new CountDownLatch(1);

	/** Stands for a container's shutdown: opened when the broker has terminated. */
	private final CountDownLatch shutdown = new CountDownLatch(1);

	private final AtomicBoolean interrupted = new AtomicBoolean();

	private final AtomicInteger closes = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	@AfterEach
	void end() {
		this.shutdown.countDown();
		this.leftovers.awaitNoThreads();
	}

	/** As a container closes: says that it waits, stops the broker, and waits. */
	private void closeContainer() {
		this.broker.awaitedBy(Thread.currentThread());
		this.broker.terminate();
		this.working.countDown();
		awaitShutdown();
	}

	private void awaitShutdown() {
		try {
			this.shutdown.await();
		}
		catch (InterruptedException ex) {
			this.interrupted.set(true);
		}
	}

	private static void join(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	private void serve(Runnable create, Runnable serve, Runnable close, Duration closeTimeout) {
		EndpointOptions options = EndpointOptions.builder().closeTimeout(closeTimeout).build();
		this.broker.registerEndpointFactory("loop", () -> {
			create.run();
			return new Endpoint() {

				@Override
				public void listenAndServe() {
					serve.run();
				}

				@Override
				public void close() {
					EndAwaitersTests.this.closes.incrementAndGet();
					EndAwaitersTests.this.closed.countDown();
					close.run();
				}

			};
		}, options);
		this.broker.listenAndServe();
	}

	private void assertEndsThoughItsOwnThreadWaits() {
		Waiting.on(this.working);
		Waiting.until(() -> this.broker.state() == BrokerState.TERMINATED);
		Termination termination = this.broker.terminated().join();
		assertThat(termination.stuck()).hasSize(1)
			.allSatisfy((stuck) -> assertThat(stuck.stack()).extracting(StackTraceElement::getMethodName)
				.containsAnyOf("closeContainer", "join", "lock"));
		assertThat(this.broker.endpoint("loop").abandoned()).isOne();
		assertThat(this.leftovers.ofBrokers()).as("the JVM stays up until it has closed the container")
			.anyMatch((thread) -> !thread.isDaemon());
		this.shutdown.countDown();
		Waiting.until(() -> this.broker.endpoint("loop").abandoned() == 0);
		assertThat(this.interrupted).isFalse();
		assertThat(this.closes).hasValue(1);
	}

	private static void nothing() {
		// As many an endpoint does.
	}

	@Test
	void g10WhoClosesTheContainerWhileServingIsNotWaitedFor() {
		serve(EndAwaitersTests::nothing, this::closeContainer, EndAwaitersTests::nothing, Duration.ofHours(1));
		assertEndsThoughItsOwnThreadWaits();
	}

	@Test
	void g3WhoClosesTheContainerInTheFactoryIsClosedWhenItIsMadeAndNotInterrupted() {
		serve(this::closeContainer, EndAwaitersTests::nothing, EndAwaitersTests::nothing, Duration.ofHours(1));
		assertEndsThoughItsOwnThreadWaits();
	}

	/** It is abandoned at once, and goes on with its factory when all is over. */
	@Test
	void whoClosesTheContainerInTheFactorySeesThatItShallClose() throws InterruptedException {
		AtomicBoolean closing = new AtomicBoolean();
		CountDownLatch over = new CountDownLatch(1);
		this.broker.registerEndpointFactory("loop", (context) -> {
			closeContainer();
			closing.set(context.closing());
			over.countDown();
			throw new IllegalStateException("nothing to serve");
		});
		this.broker.listenAndServe();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		this.shutdown.countDown();
		Waiting.on(over);
		assertThat(closing).isTrue();
	}

	@Test
	void g10WhoClosesTheContainerInItsCloseIsNotWaitedFor() {
		serve(EndAwaitersTests::nothing, () -> Waiting.on(this.closed), this::closeContainer, Duration.ofHours(1));
		Waiting.untilState(this.broker, "loop", EndpointState.SERVING);
		this.broker.stop("loop");
		assertEndsThoughItsOwnThreadWaits();
	}

	/** The thread that has served carries out the broker's end, and reads the stack. */
	@Test
	void g10TheStackOfWhatIsStuckIsThatOfTheThreadThatHangs() throws InterruptedException {
		Broker ended = Broker.builder().threads(new Threads(null) {

			@Override
			void runOnHelper(Runnable task) {
				task.run();
			}

		}).keepServing(true).build();
		CountDownLatch serving = new CountDownLatch(1);
		ended.registerEndpointFactory("loop", () -> new Endpoint() {

			@Override
			public void listenAndServe() {
				serving.countDown();
				Waiting.on(EndAwaitersTests.this.working);
			}

			@Override
			public void close() {
				ended.awaitedBy(Thread.currentThread());
				ended.terminate();
				EndAwaitersTests.this.working.countDown();
				awaitShutdown();
			}

		});
		ended.listenAndServe();
		Waiting.on(serving);
		ended.stop("loop");
		assertThat(ended.await(Waiting.LIMIT)).isTrue();
		assertThat(ended.await().stuck()).hasSize(1)
			.allSatisfy((stuck) -> assertThat(stuck.stack()).anyMatch((frame) -> frame.getMethodName().equals("close")
					&& frame.getClassName().startsWith(EndAwaitersTests.class.getName())));
	}

	@Test
	void g10WhoClosesTheContainerAfterItHasReturnedIsNotWaitedFor() {
		serve(EndAwaitersTests::nothing, EndAwaitersTests::nothing, this::closeContainer, Duration.ofHours(1));
		assertEndsThoughItsOwnThreadWaits();
	}

	@Test
	void g10WhoJoinsAThreadThatClosesTheContainerIsNotWaitedFor() {
		serve(EndAwaitersTests::nothing, () -> {
			Thread closer = new Thread(this::closeContainer);
			Thread between = new Thread(() -> join(closer));
			closer.start();
			between.start();
			join(between);
		}, EndAwaitersTests::nothing, Duration.ofHours(1));
		assertEndsThoughItsOwnThreadWaits();
	}

	@Test
	void g10WhoWaitsForALockOfTheThreadThatClosesTheContainerIsNotWaitedFor() {
		ReentrantLock lock = new ReentrantLock();
		CountDownLatch serving = new CountDownLatch(1);
		CountDownLatch locked = new CountDownLatch(1);
		serve(EndAwaitersTests::nothing, () -> {
			serving.countDown();
			Waiting.on(locked);
			lock.lock();
			lock.unlock();
		}, EndAwaitersTests::nothing, Duration.ofHours(1));
		Waiting.on(serving);
		Thread closer = new Thread(() -> {
			lock.lock();
			locked.countDown();
			closeContainer();
			lock.unlock();
		});
		closer.start();
		assertEndsThoughItsOwnThreadWaits();
		join(closer);
	}

	@Test
	void g10AThreadInTheShutdownIsNotInterruptedThoughItsCloseIs() {
		AtomicBoolean closeInterrupted = new AtomicBoolean();
		serve(EndAwaitersTests::nothing, this::closeContainer, () -> {
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				closeInterrupted.set(true);
			}
		}, Duration.ofMillis(50));
		assertEndsThoughItsOwnThreadWaits();
		assertThat(closeInterrupted).isTrue();
	}

	/** The interrupt is ordered while the close hangs, and delivered after the end. */
	@Test
	void g10AThreadInTheShutdownIsNotInterruptedByAHandThatComesTooLate() throws InterruptedException {
		LateHelpers helpers = new LateHelpers();
		Broker late = Broker.builder().threads(helpers).build();
		CountDownLatch over = new CountDownLatch(1);
		late.registerEndpointFactory("loop", () -> new Endpoint() {

			@Override
			public void listenAndServe() {
				late.awaitedBy(Thread.currentThread());
				late.terminate();
				awaitShutdown();
				over.countDown();
			}

			@Override
			public void close() {
				Waiting.on(helpers.ordered);
			}

		}, EndpointOptions.builder().closeTimeout(Duration.ofMillis(50)).build());
		late.listenAndServe();
		assertThat(late.await(Waiting.LIMIT)).isTrue();
		helpers.come();
		this.shutdown.countDown();
		Waiting.on(over);
		assertThat(this.interrupted).isFalse();
	}

	@Test
	void g10AThreadThatDoesNotLetItselfBeLookedAtIsInterruptedAllTheSame() {
		CountDownLatch serving = new CountDownLatch(1);
		Broker odd = Broker.builder().keepServing(true).threadFactory((task) -> new Thread(task) {

			@Override
			public StackTraceElement[] getStackTrace() {
				throw new SecurityException("none of your business");
			}

		}).build();
		odd.registerEndpointFactory("loop", () -> new Endpoint() {

			@Override
			public void listenAndServe() throws InterruptedException {
				serving.countDown();
				new CountDownLatch(1).await();
			}

			@Override
			public void close() {
				// Leaves it to the interrupt.
			}

		}, EndpointOptions.builder().closeTimeout(Duration.ofMillis(50)).build());
		odd.listenAndServe();
		Waiting.on(serving);
		odd.awaitedBy(new Thread());
		odd.stop("loop");
		Waiting.untilState(odd, "loop", EndpointState.STOPPED);
		Waiting.until(() -> odd.endpoint("loop").abandoned() == 0);
		odd.close();
	}

	@Test
	void whoEndsByItselfIsWaitedForAlthoughAnotherWaits() {
		CountDownLatch goOn = new CountDownLatch(1);
		Puppets slow = new Puppets(() -> new Puppet() {

			@Override
			public void close() throws Exception {
				Waiting.on(goOn);
				super.close();
			}

		});
		this.broker.registerEndpointFactory("slow", slow);
		serve(EndAwaitersTests::nothing, () -> {
			Waiting.untilState(this.broker, "slow", EndpointState.SERVING);
			closeContainer();
		}, EndAwaitersTests::nothing, Duration.ofHours(1));
		Waiting.untilState(this.broker, "loop", EndpointState.STOPPED);
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATING);
		goOn.countDown();
		assertEndsThoughItsOwnThreadWaits();
	}

	/** As a container's close that runs into its own time limit, before it stops us. */
	private void waitForATime() {
		this.broker.awaitedBy(Thread.currentThread());
		this.broker.noLongerAwaitedBy(Thread.currentThread());
		this.working.countDown();
	}

	@Test
	void g10WhoWaitsNoMoreIsWaitedForAgain() {
		AtomicReference<Thread> closer = new AtomicReference<>();
		serve(EndAwaitersTests::nothing, () -> {
			waitForATime();
			Waiting.until(() -> closer.get() != null);
			// What its end leads to happens on it: were nobody to be waited for, all
			// would be over now.
			join(closer.get());
		}, () -> closer.set(Thread.currentThread()), Duration.ofHours(1));
		Waiting.on(this.working);
		this.broker.terminate();
		assertThat(this.broker.terminated().join().stuck()).isEmpty();
	}

	/** A look has found out that it waits for the other, which then waits no more. */
	@Test
	void g10WhoJoinsAThreadThatWaitsNoMoreIsWaitedForAgain() {
		CountDownLatch mayClose = new CountDownLatch(1);
		Thread other = new Thread(() -> {
			this.broker.awaitedBy(Thread.currentThread());
			this.broker.terminate();
			awaitShutdown();
		});
		serve(EndAwaitersTests::nothing, () -> {
			other.start();
			join(other);
		}, () -> Waiting.on(mayClose), Duration.ofHours(1));
		Insides insides = new Insides(this.broker);
		Waiting.until(() -> isFlagged(insides));
		this.broker.noLongerAwaitedBy(other);
		Waiting.until(() -> !isFlagged(insides));
		mayClose.countDown();
		Waiting.until(() -> insides.isIdle() && closeIsOver(insides));
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATING);
		this.shutdown.countDown();
		assertThat(this.broker.terminated().join().stuck()).isEmpty();
	}

	private static boolean isFlagged(Insides insides) {
		Progress run = insides.machine("loop").progress;
		return run != null && run.bodyAwaitsEnd();
	}

	private static boolean closeIsOver(Insides insides) {
		Progress run = insides.machine("loop").progress;
		return run != null && run.close() == Progress.Close.DONE;
	}

	/** It does not close the application any more, so nothing is cut off by its end. */
	@Test
	void g15WhoWaitsNoMoreHoldsTheJvmNoMore() {
		serve(EndAwaitersTests::nothing, () -> {
			this.broker.awaitedBy(Thread.currentThread());
			this.broker.noLongerAwaitedBy(Thread.currentThread());
			this.working.countDown();
			Waiting.onDeaf(this.shutdown);
		}, EndAwaitersTests::nothing, Duration.ofMillis(50));
		Waiting.on(this.working);
		this.broker.terminate();
		assertThat(this.broker.terminated().join().stuck()).hasSize(1);
		Waiting.until(() -> this.leftovers.ofBrokers().allMatch(Thread::isDaemon));
	}

	@Test
	void g10WhoWaitsNoMoreIsInterruptedAgain() {
		serve(EndAwaitersTests::nothing, () -> {
			waitForATime();
			awaitShutdown();
		}, EndAwaitersTests::nothing, Duration.ofMillis(50));
		Waiting.on(this.working);
		this.broker.terminate();
		assertThat(this.broker.terminated().join().stuck()).isEmpty();
		assertThat(this.interrupted).isTrue();
	}

	/** It ends just when the timer's thread arms the next look at who waits. */
	@Test
	void g15NoTimerOutlivesABrokerThatSomebodyWaitsFor() throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		LookingTime time = new LookingTime(goOn);
		Broker looked = Broker.builder().time(time).build();
		Puppets puppets = new Puppets(() -> new Puppet() {

			@Override
			public void close() throws Exception {
				Waiting.on(goOn);
				super.close();
			}

		});
		looked.registerEndpointFactory("slow", puppets,
				EndpointOptions.builder().closeTimeout(Duration.ofHours(1)).build());
		looked.listenAndServe();
		puppets.next().awaitServing();
		looked.awaitedBy(new Thread());
		looked.terminate();
		time.look.start();
		assertThat(looked.await(Waiting.LIMIT)).isTrue();
		time.look.join();
		Waiting.on(time.closed);
		assertThat(time.pending()).as("timers").isZero();
	}

	/** The first two, for the interrupts of the two threads. */
	private static final class LateHelpers extends Threads {

		final CountDownLatch ordered = new CountDownLatch(2);

		private final Queue<Runnable> late = new ConcurrentLinkedQueue<>();

		LateHelpers() {
			super(null);
		}

		@Override
		void runOnHelper(Runnable task) {
			if (this.ordered.getCount() == 0) {
				super.runOnHelper(task);
				return;
			}
			this.late.add(task);
			this.ordered.countDown();
		}

		void come() {
			this.late.forEach(Runnable::run);
		}

	}

	/** The broker ends while the second look is armed and not yet written down. */
	private static final class LookingTime extends ManualTime {

		/** Plays the timer's thread. */
		final Thread look = new Thread(() -> pass(Duration.ofMillis(100)));

		final CountDownLatch closed = new CountDownLatch(1);

		private final CountDownLatch goOn;

		private final CountDownLatch ends = new CountDownLatch(1);

		LookingTime(CountDownLatch goOn) {
			this.goOn = goOn;
		}

		@Override
		public Timer after(Duration delay, Runnable task) {
			Timer armed = super.after(delay, task);
			if (Thread.currentThread() == this.look) {
				this.goOn.countDown();
				Waiting.on(this.ends);
			}
			return armed;
		}

		@Override
		public void close() {
			this.ends.countDown();
			join(this.look);
			this.closed.countDown();
		}

	}

}
