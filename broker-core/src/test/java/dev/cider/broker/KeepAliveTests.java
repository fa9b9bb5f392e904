package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whether a broker keeps the JVM up: while an endpoint of it has not finished, and not
 * for nothing.
 */
class KeepAliveTests {

	private final Leftovers leftovers = new Leftovers();

	private final Puppets puppets = new Puppets();

	private final Broker broker = Broker.builder().keepServing(true).build();

	@AfterEach
	void end() {
		this.broker.close();
		this.leftovers.awaitNoThreads();
	}

	private Puppet serve(EndpointOptions options) {
		this.broker.registerEndpointFactory("tcp", this.puppets, options);
		this.broker.listenAndServe();
		return this.puppets.next();
	}

	private static boolean isJvmHeld() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.anyMatch((thread) -> thread.getName().startsWith("broker-") && !thread.isDaemon());
	}

	private static void awaitJvmNotHeld() {
		Waiting.until(() -> !isJvmHeld());
	}

	@Test
	void aBrokerWithoutEndpointsNeverHoldsTheJvm() {
		this.broker.listenAndServe();
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		assertThat(isJvmHeld()).isFalse();
	}

	@Test
	void whenAllHaveFinishedTheBrokerServesAndHoldsTheJvmNoMore() {
		this.broker.registerEndpointFactory("udp", this.puppets);
		Puppet first = serve(EndpointOptions.defaults());
		Puppet second = this.puppets.next();
		first.finish();
		Waiting
			.until(() -> this.broker.endpoints().stream().anyMatch((some) -> some.state() == EndpointState.FINISHED));
		assertThat(isJvmHeld()).isTrue();
		second.finish();
		awaitJvmNotHeld();
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
	}

	@Test
	void aFinishedEndpointThatAnOperatorStartsHoldsTheJvmAgain() {
		serve(EndpointOptions.defaults()).finish();
		awaitJvmNotHeld();
		for (int i = 0; i < 20; i++) {
			this.broker.start("tcp");
			assertThat(isJvmHeld()).isTrue();
			Puppet again = this.puppets.next();
			assertThat(isJvmHeld()).isTrue();
			again.finish();
			Waiting.untilState(this.broker, "tcp", EndpointState.FINISHED);
		}
		awaitJvmNotHeld();
	}

	@Test
	void aDroppedEndpointHoldsTheJvm() {
		EndpointOptions options = TestOptions.with(RestartPolicy.builder().mode(RestartMode.NEVER));
		serve(options).crash();
		Waiting.untilState(this.broker, "tcp", EndpointState.DROPPED);
		assertThat(isJvmHeld()).isTrue();
		this.broker.start("tcp");
		this.puppets.next().finish();
		awaitJvmNotHeld();
	}

	@Test
	void anEndpointThatAnOperatorStoppedHoldsTheJvmAlsoIfItHadFinished() {
		Puppet puppet = serve(EndpointOptions.defaults());
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(isJvmHeld()).isTrue();
		this.broker.start("tcp");
		this.puppets.next().finish();
		awaitJvmNotHeld();
		this.broker.stop("tcp");
		assertThat(isJvmHeld()).isTrue();
	}

	@Test
	void anEndpointThatWaitsForAnOperatorHoldsTheJvm() {
		this.broker.registerEndpointFactory("tcp", this.puppets, EndpointOptions.builder().autoStart(false).build());
		this.broker.listenAndServe();
		assertThat(isJvmHeld()).isTrue();
	}

	@Test
	void aMonitorIsToldThatTheLastEndpointHasFinishedBeforeTheJvmMayEnd() {
		CountDownLatch told = new CountDownLatch(1);
		AtomicInteger heldWhenTold = new AtomicInteger();
		this.broker.monitor(new BrokerMonitor() {

			@Override
			public void crashed(EndpointCrashReport report) {
				// There is none.
			}

			@Override
			public void changed(EndpointChange change) {
				if (change.to().state() == EndpointState.FINISHED) {
					heldWhenTold.addAndGet(isJvmHeld() ? 1 : 0);
					told.countDown();
				}
			}

		});
		serve(EndpointOptions.defaults()).finish();
		Waiting.on(told);
		assertThat(heldWhenTold).hasValue(1);
		awaitJvmNotHeld();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenItTerminatesTheJvmIsHeldUntilAllMonitorsWereTold(boolean finished) {
		CountDownLatch told = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.broker.monitor(new BrokerMonitor() {

			@Override
			public void crashed(EndpointCrashReport report) {
				// There is none.
			}

			@Override
			public void terminated(Termination termination) {
				told.countDown();
				Waiting.on(release);
			}

		});
		Puppet puppet = serve(EndpointOptions.defaults());
		if (finished) {
			puppet.finish();
			awaitJvmNotHeld();
		}
		this.broker.terminate();
		Waiting.on(told);
		assertThat(isJvmHeld()).isTrue();
		release.countDown();
		awaitJvmNotHeld();
	}

	@Test
	void ifThereIsNoThreadForItTheJvmIsHeldAsSoonAsThereIsOne() {
		AtomicInteger refusals = new AtomicInteger();
		Threads threads = new Threads(null) {

			@Override
			Thread holdingTheJvm(Runnable task) {
				if (refusals.getAndDecrement() > 0) {
					throw new OutOfMemoryError("no thread, as the test wants it");
				}
				return super.holdingTheJvm(task);
			}

		};
		Broker starved = Broker.builder().keepServing(true).threads(threads).build();
		starved.registerEndpointFactory("tcp", this.puppets);
		starved.listenAndServe();
		this.puppets.next().finish();
		awaitJvmNotHeld();
		refusals.set(3);
		starved.start("tcp");
		Waiting.until(KeepAliveTests::isJvmHeld);
		this.puppets.next();
		starved.close();
	}

	@Test
	void aBrokerThatCannotHoldTheJvmDoesNotServe() {
		Threads threads = new Threads(null) {

			@Override
			Thread holdingTheJvm(Runnable task) {
				throw new OutOfMemoryError("no thread, as the test wants it");
			}

		};
		Broker starved = Broker.builder().threads(threads).build();
		starved.registerEndpointFactory("tcp", this.puppets);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(starved::listenAndServe);
		Waiting.until(() -> starved.state() == BrokerState.TERMINATED);
		assertThat(this.puppets.all).isEmpty();
	}

}
