package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How a broker goes on where an earlier one ended (G21).
 */
class ContinuingTests {

	private static final EndpointOptions AT_ONCE = TestOptions.restartAtOnceUntilDropped();

	/** For what is to be abandoned; what behaves well gets the time that it needs. */
	private static final EndpointOptions IMPATIENT = EndpointOptions.builder()
		.closeTimeout(Duration.ofMillis(1))
		.build();

	private final Puppets puppets = new Puppets();

	private static Broker after(Broker previous, EndpointFactory factory, EndpointOptions options) {
		Broker next = Broker.builder().keepServing(true).continuing(previous).build();
		next.registerEndpointFactory("tcp", factory, options);
		return next;
	}

	private Broker first() {
		Broker broker = Broker.builder().keepServing(true).build();
		broker.registerEndpointFactory("tcp", this.puppets, AT_ONCE);
		broker.listenAndServe();
		return broker;
	}

	@Test
	void numbersTotalsAndHistoryGoOnAndErrorsBeginAnew() {
		Broker first = first();
		this.puppets.next().crash();
		this.puppets.next();
		first.close();

		Broker second = after(first, this.puppets, AT_ONCE);
		EndpointSnapshot before = second.endpoint("tcp");
		assertThat(before.state()).isEqualTo(EndpointState.REGISTERED);
		assertThat(before.incarnation()).isEqualTo(2);
		assertThat(before.consecutiveErrors()).isZero();
		second.listenAndServe();
		this.puppets.next().crash();
		this.puppets.next();
		EndpointSnapshot after = second.endpoint("tcp");
		assertThat(after.incarnation()).isEqualTo(4);
		assertThat(after.starts()).isEqualTo(4);
		assertThat(after.restarts()).isEqualTo(2);
		assertThat(after.crashes()).isEqualTo(2);
		assertThat(after.consecutiveErrors()).isEqualTo(1);
		assertThat(second.history("tcp")).extracting(CrashSummary::incarnation).containsExactly(3L, 1L);
		second.close();
	}

	@Test
	void whatAnOperatorStoppedStaysStopped() {
		Broker first = first();
		this.puppets.next();
		first.stop("tcp");
		Waiting.untilState(first, "tcp", EndpointState.STOPPED);
		first.close();
		Broker second = after(first, this.puppets, AT_ONCE);
		second.listenAndServe();
		assertThat(second.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
		second.close();
		Broker third = after(second, this.puppets, AT_ONCE);
		third.listenAndServe();
		assertThat(third.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
		third.start("tcp");
		this.puppets.next();
		third.close();
	}

	@Test
	void whatNoOperatorTouchedStartsIfItsOptionsSayNow() {
		EndpointOptions idle = EndpointOptions.builder().autoStart(false).build();
		Broker first = first();
		this.puppets.next();
		first.close();
		Broker second = after(first, this.puppets, idle);
		second.listenAndServe();
		assertThat(second.endpoint("tcp").state()).isEqualTo(EndpointState.REGISTERED);
		second.close();
		Broker third = after(second, this.puppets, AT_ONCE);
		third.listenAndServe();
		this.puppets.next();
		third.restart("tcp");
		this.puppets.next();
		third.close();
		Broker fourth = after(third, this.puppets, idle);
		fourth.listenAndServe();
		// To restart it was a word for its running.
		this.puppets.next();
		fourth.close();
	}

	@Test
	void whatWasAbandonedIsCountedAndListedByTheNextUntilItEnds() throws Exception {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		Broker first = Broker.builder().keepServing(true).build();
		first.registerEndpointFactory("tcp", deaf, IMPATIENT);
		first.listenAndServe();
		Puppet.Deaf stuck = (Puppet.Deaf) deaf.next();
		first.close();
		assertThat(first.await().stuck()).hasSize(1);

		Broker second = after(first, this.puppets, AT_ONCE);
		second.listenAndServe();
		this.puppets.next();
		assertThat(second.endpoint("tcp").abandoned()).isEqualTo(1);
		second.close();
		assertThat(second.await().stuck()).extracting(Termination.Stuck::incarnation).containsExactly(1L);

		Broker third = after(second, this.puppets, AT_ONCE);
		third.listenAndServe();
		this.puppets.next();
		stuck.letGo();
		Waiting.until(() -> third.endpoint("tcp").abandoned() == 0);
		assertThat(stuck.closes).hasValue(1);
		third.close();
		assertThat(third.await().stuck()).isEmpty();
	}

	@Test
	void whatIsPassedOnLateReachesTheBrokerThatServesByThen() {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		HeldTime time = new HeldTime();
		Broker first = Broker.builder().keepServing(true).time(time).build();
		first.registerEndpointFactory("tcp", deaf, IMPATIENT);
		first.listenAndServe();
		Puppet.Deaf ends = (Puppet.Deaf) deaf.next();
		first.restart("tcp");
		Puppet.Deaf stays = (Puppet.Deaf) deaf.next();
		first.close();

		// The thread that drains the first broker's endpoint is slow.
		time.hold();
		ends.letGo();
		Waiting.on(time.held);
		Broker second = after(first, this.puppets, AT_ONCE);
		second.listenAndServe();
		this.puppets.next();
		second.close();
		Broker third = after(second, this.puppets, AT_ONCE);
		third.listenAndServe();
		this.puppets.next();
		time.release.countDown();

		Waiting.until(() -> third.endpoint("tcp").abandoned() == 1);
		stays.letGo();
		Waiting.until(() -> third.endpoint("tcp").abandoned() == 0);
		third.close();
	}

	@Test
	void aBrokerThatWasBuiltButNeverServedLosesNothingForTheNext() {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		Broker first = Broker.builder().keepServing(true).build();
		first.registerEndpointFactory("tcp", deaf, IMPATIENT);
		first.listenAndServe();
		Puppet.Deaf stuck = (Puppet.Deaf) deaf.next();
		first.close();

		after(first, this.puppets, AT_ONCE);
		Broker third = after(first, this.puppets, AT_ONCE);
		third.listenAndServe();
		this.puppets.next();
		assertThat(third.endpoint("tcp").incarnation()).isEqualTo(2);
		assertThat(third.endpoint("tcp").abandoned()).isEqualTo(1);
		stuck.letGo();
		Waiting.until(() -> third.endpoint("tcp").abandoned() == 0);
		third.close();
	}

	@Test
	void g3WhatAFactoryMakesAfterAllIsClosedThoughABrokerThatNeverServedCameBetween() {
		CountDownLatch creating = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Puppets late = new Puppets();
		Broker first = Broker.builder().keepServing(true).build();
		first.registerEndpointFactory("tcp", () -> {
			creating.countDown();
			Waiting.onDeaf(release);
			return late.create();
		}, IMPATIENT);
		first.listenAndServe();
		Waiting.on(creating);
		first.close();
		after(first, this.puppets, AT_ONCE);
		Broker third = after(first, this.puppets, AT_ONCE);
		third.listenAndServe();
		this.puppets.next();
		release.countDown();
		Waiting.until(() -> third.endpoint("tcp").abandoned() == 0);
		assertThat(late.all).hasSize(1).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
		third.close();
	}

	@Test
	void aBrokerIsContinuedByOneOnly() {
		Broker first = first();
		this.puppets.next();
		first.close();
		Broker second = after(first, this.puppets, AT_ONCE);
		Broker third = after(first, this.puppets, AT_ONCE);
		second.listenAndServe();
		this.puppets.next();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(third::listenAndServe)
			.withMessageContaining("continued already");
		second.close();
	}

	@Test
	void aCallerWhoseClassLoaderCannotBeReadHasHandedNothingOver() throws Exception {
		Broker first = first();
		this.puppets.next();
		first.close();
		Broker second = after(first, this.puppets, AT_ONCE);
		AtomicReference<Throwable> thrown = new AtomicReference<>();
		Thread broken = new Thread(() -> {
			try {
				second.listenAndServe();
			}
			catch (Throwable expected) {
				thrown.set(expected);
			}
		}) {
			@Override
			public ClassLoader getContextClassLoader() {
				throw new LinkageError("no class loader");
			}
		};
		broken.start();
		broken.join();
		assertThat(thrown.get()).isInstanceOf(LinkageError.class);
		second.listenAndServe();
		this.puppets.next();
		second.close();
	}

	@Test
	void g9ACallerWhoseClassLoaderIsSlowHoldsUpNobodyElse() throws Exception {
		Broker broker = Broker.create();
		CountDownLatch reading = new CountDownLatch(1);
		CountDownLatch registered = new CountDownLatch(1);
		Thread slow = new Thread(broker::listenAndServe) {
			@Override
			public ClassLoader getContextClassLoader() {
				reading.countDown();
				Waiting.on(registered);
				return super.getContextClassLoader();
			}
		};
		slow.start();
		Waiting.on(reading);
		broker.registerEndpointFactory("tcp", this.puppets);
		registered.countDown();
		this.puppets.next();
		broker.close();
		slow.join();
	}

	@Test
	void onlyATerminatedBrokerCanBeContinued() {
		Broker first = first();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> Broker.builder().continuing(first))
			.withMessage("continuing a broker needs the state TERMINATED, but the state is SERVING");
		first.close();
	}

	/** The real time, but the next who asks for it waits. */
	private static final class HeldTime implements Time {

		private final Time real = new SystemTime(Thread::new);

		private final AtomicBoolean hold = new AtomicBoolean();

		private final CountDownLatch held = new CountDownLatch(1);

		private final CountDownLatch release = new CountDownLatch(1);

		void hold() {
			this.hold.set(true);
		}

		@Override
		public Moment now() {
			if (this.hold.compareAndSet(true, false)) {
				this.held.countDown();
				Waiting.onDeaf(this.release);
			}
			return this.real.now();
		}

		@Override
		public long nanos() {
			return this.real.nanos();
		}

		@Override
		public void start() {
			this.real.start();
		}

		@Override
		public Timer after(Duration delay, Runnable task) {
			return this.real.after(delay, task);
		}

		@Override
		public void close() {
			this.real.close();
		}

	}

}
