package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;

import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The life of a broker as a whole: G11 and G12, and the order in which it may be used.
 */
class BrokerTests {

	private final Broker broker = Broker.create();

	private final Puppets puppets = new Puppets();

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	@Test
	void g11StatesFollowEachOther() throws Exception {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		assertThat(this.broker.state()).isEqualTo(BrokerState.INITIALISED);
		this.broker.listenAndServe();
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		this.puppets.next();
		this.broker.terminate();
		assertThat(this.broker.await().stuck()).isEmpty();
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(this.broker.terminated()).isCompletedWithValue(new Termination(List.of()));
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
	}

	@Test
	void g10ATerminationListsNothingThatHasEnded() throws Exception {
		for (int i = 0; i < 300; i++) {
			Puppets own = new Puppets();
			Broker shortLived = Broker.create();
			shortLived.registerEndpointFactory("tcp", own);
			shortLived.listenAndServe();
			own.next();
			shortLived.terminate();
			assertThat(shortLived.await().stuck()).isEmpty();
		}
	}

	@Test
	void g11ListenAndServeWaitsForNoUserCode() {
		CountDownLatch release = new CountDownLatch(1);
		this.broker.registerEndpointFactory("slow", () -> {
			Waiting.on(release);
			return this.puppets.create();
		});
		this.broker.listenAndServe();
		assertThat(this.broker.endpoint("slow").state()).isEqualTo(EndpointState.STARTING);
		release.countDown();
		this.puppets.next();
	}

	@Test
	void g11WhateverComesInTheWrongOrderIsRefused() {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.broker::terminate)
			.withMessage("terminate() needs the state SERVING, but the state is INITIALISED");
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.broker::listenAndServe)
			.withMessage("listenAndServe() needs the state INITIALISED, but the state is SERVING")
			.satisfies((thrown) -> {
				assertThat(thrown.expected()).isEqualTo("INITIALISED");
				assertThat(thrown.current()).isEqualTo("SERVING");
			});
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.broker.registerEndpointFactory("udp", this.puppets));
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.monitor((report) -> {
		}));
		this.broker.terminate();
		this.broker.terminate();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.broker::listenAndServe);
	}

	@Test
	void g11ABrokerWhoseEndpointsHaveAllEndedTerminatesByItself() throws Exception {
		Puppets others = new Puppets();
		this.broker.registerEndpointFactory("finishes", this.puppets);
		this.broker.registerEndpointFactory("drops", others,
				EndpointOptions.builder()
					.restartPolicy(RestartPolicy.builder().allowedConsecutiveErrors(1).build())
					.build());
		this.broker.listenAndServe();
		this.puppets.next().finish();
		Waiting.untilState(this.broker, "finishes", EndpointState.FINISHED);
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		others.next().crash();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		assertThat(this.broker.endpoint("finishes").state()).isEqualTo(EndpointState.FINISHED);
		assertThat(this.broker.endpoint("drops").state()).isEqualTo(EndpointState.DROPPED);
	}

	@Test
	void g11ABrokerWithoutEndpointsTerminatesAtOnce() throws Exception {
		this.broker.listenAndServe();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
	}

	@Test
	void g11WhatAnOperatorStoppedKeepsTheBrokerServing() throws Exception {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		this.puppets.next();
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		this.broker.start("tcp");
		this.puppets.next();
	}

	@Test
	void g11AStartOfTheLastEndpointEitherKeepsTheBrokerOrThrows() throws Exception {
		for (int i = 0; i < 300; i++) {
			Puppets own = new Puppets();
			Broker racing = Broker.create();
			racing.registerEndpointFactory("tcp", own);
			racing.listenAndServe();
			own.next().finish();
			boolean started = false;
			boolean terminated = false;
			while (!started && !terminated) {
				try {
					racing.start("tcp");
					started = true;
				}
				catch (EndpointTerminatedException over) {
					terminated = true;
				}
				catch (InvalidStateException notYetFinished) {
					Thread.onSpinWait();
				}
			}
			if (started) {
				own.next();
				assertThat(racing.state()).isEqualTo(BrokerState.SERVING);
			}
			racing.close();
			assertThat(own.all).hasSize(started ? 2 : 1);
		}
	}

	@Test
	void closeIsQuietAfterTheEnd() {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		this.broker.close();
		this.broker.close();
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
	}

	@Test
	void g11ABrokerClosedBeforeItServedStaysClosed() throws Exception {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.close();
		this.broker.close();
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(this.broker.await().stuck()).isEmpty();
		assertThat(this.broker.terminated().get().stuck()).isEmpty();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.broker::listenAndServe)
			.withMessage("listenAndServe() needs the state INITIALISED, but the state is TERMINATED");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.broker.registerEndpointFactory("udp", this.puppets));
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.stop("tcp"));
		this.broker.terminate();
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.REGISTERED);
		assertThat(this.puppets.all).isEmpty();
	}

	@Test
	void awaitHasALimit() throws Exception {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		assertThat(this.broker.await(Duration.ofMillis(1))).isFalse();
	}

	@Test
	void g11ACopyOfTerminatedCompletedByItsCallerReachesNobody() {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		this.broker.terminated().complete(new Termination(List.of()));
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		assertThat(this.broker.terminated()).isNotDone();
	}

	@Test
	void g11ACallbackThatHangsDelaysNobody() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		CompletableFuture<Termination> first = this.broker.terminated();
		CompletableFuture<Void> hanging = first.thenRun(() -> Waiting.on(release));
		CompletableFuture<Termination> second = this.broker.terminated();
		this.broker.close();
		assertThat(second).succeedsWithin(Waiting.LIMIT);
		assertThat(hanging).isNotDone();
		release.countDown();
		assertThat(hanging).succeedsWithin(Waiting.LIMIT);
	}

	@Test
	void awaitOnAThreadOfTheBrokerIsRefusedInsteadOfADeadlock() {
		AtomicReference<Throwable> inServe = new AtomicReference<>();
		AtomicReference<Throwable> inClose = new AtomicReference<>();
		AtomicReference<Throwable> inMonitor = new AtomicReference<>();
		CountDownLatch told = new CountDownLatch(1);
		this.broker.monitor(new BrokerMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
			}

			@Override
			public void changed(EndpointChange change) {
				catchInto(inMonitor, BrokerTests.this.broker::await);
				told.countDown();
			}
		});
		this.broker.registerEndpointFactory("tcp", () -> new Endpoint() {
			@Override
			public void listenAndServe() throws Exception {
				catchInto(inServe, () -> BrokerTests.this.broker.await(Duration.ofDays(1)));
				// After the end the monitor could wait without any harm.
				Waiting.on(told);
				// Only terminates: to wait here would be to wait for oneself.
				BrokerTests.this.broker.close();
			}

			@Override
			public void close() {
				catchInto(inClose, BrokerTests.this.broker::await);
			}
		});
		this.broker.listenAndServe();
		Waiting.until(() -> this.broker.state() == BrokerState.TERMINATED);
		Waiting.on(told);
		assertThat(List.of(inServe.get(), inClose.get(), inMonitor.get()))
			.allSatisfy((thrown) -> assertThat(thrown).isInstanceOf(InvalidStateException.class)
				.hasMessageContaining("which would wait for itself"));
	}

	private static void catchInto(AtomicReference<Throwable> caught, Waiter waiter) {
		try {
			waiter.await();
		}
		catch (Exception thrown) {
			caught.compareAndSet(null, thrown);
		}
	}

	@Test
	void idsMustBeGivenAndUnique() {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.registerEndpointFactory("tcp", this.puppets))
			.withMessage("Invalid endpoint id 'tcp': a factory is already registered under it");
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.registerEndpointFactory(" ", this.puppets))
			.withMessage("Invalid endpoint id ' ': must not be blank");
	}

	@Test
	void g12EndpointsAreListedInTheOrderOfRegistration() {
		List<String> ids = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			ids.add("endpoint-" + (i * 37 % 100));
			this.broker.registerEndpointFactory(ids.get(i), this.puppets);
		}
		assertThat(this.broker.endpoints()).extracting(EndpointSnapshot::id).containsExactlyElementsOf(ids);
	}

	@Test
	void theHistoryHasItsLimit() {
		Broker forgetful = Broker.builder().historySize(2).build();
		forgetful.registerEndpointFactory("tcp", this.puppets,
				EndpointOptions.builder()
					.restartPolicy(TestOptions.atOnce().allowedConsecutiveErrors(4).build())
					.build());
		forgetful.listenAndServe();
		for (int i = 0; i < 3; i++) {
			this.puppets.next().crash(new Exception("boom " + i));
		}
		this.puppets.next();
		assertThat(forgetful.history("tcp")).extracting(CrashSummary::message).containsExactly("boom 2", "boom 1");
		forgetful.close();
		assertThatIllegalArgumentException().isThrownBy(() -> Broker.builder().historySize(-1))
			.withMessage("Invalid historySize (-1): must not be negative");
	}

	@Test
	void theDefaultBrokerIsAlwaysTheSame() {
		assertThat(Broker.getDefault()).isSameAs(Broker.getDefault());
	}

	@Test
	void theVersionIsThatOfTheBuild() {
		assertThat(Broker.version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
	}

	@Test
	void closeFromAThreadThatIsInterruptedTerminatesWithoutWaiting() throws Exception {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		this.broker.registerEndpointFactory("deaf", deaf);
		this.broker.listenAndServe();
		Puppet.Deaf puppet = (Puppet.Deaf) deaf.next();
		LinkedBlockingQueue<Boolean> flag = new LinkedBlockingQueue<>();
		Thread closing = new Thread(() -> {
			Thread.currentThread().interrupt();
			this.broker.close();
			flag.add(Thread.currentThread().isInterrupted());
		});
		closing.start();
		assertThat(Waiting.next(flag)).isTrue();
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATING);
		puppet.letGo();
	}

	private interface Waiter {

		void await() throws Exception;

	}

	@Test
	void toWaitForLessThanNothingIsNotToWait() throws Exception {
		Broker broker = Broker.builder().keepServing(true).build();
		broker.listenAndServe();
		assertThat(broker.await(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();
		broker.close();
		assertThat(broker.await(Duration.ofSeconds(Long.MIN_VALUE))).isTrue();
	}

	@Test
	void g8ASecondTerminateDoesNotReturnBeforeAllIsStoppedThoughTheFirstStalls() throws Exception {
		StallingTime time = new StallingTime();
		Broker broker = Broker.builder().time(time).build();
		EndpointOptions later = EndpointOptions.builder().autoStart(false).build();
		broker.registerEndpointFactory("tcp", new Puppets(), later);
		broker.registerEndpointFactory("udp", new Puppets(), later);
		broker.listenAndServe();
		Thread first = time.stall(broker::terminate);
		broker.terminate();
		assertThat(broker.endpoint("udp").state()).isEqualTo(EndpointState.STOPPED);
		time.release();
		first.join();
		broker.close();
		assertThat(broker.state()).isEqualTo(BrokerState.TERMINATED);
	}

}
