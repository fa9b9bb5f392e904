package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How instances are closed, and what happens when they do not let themselves be closed:
 * G3, G5, G8 and G10.
 */
class ClosingTests {

	private static final EndpointOptions OPTIONS = EndpointOptions.builder()
		.closeTimeout(Duration.ofSeconds(20))
		.restartPolicy(TestOptions.atOnce().build())
		.build();

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder().keepServing(true));

	private final Puppets puppets = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final CountDownLatch release = new CountDownLatch(1);

	@AfterEach
	void stopAll() {
		this.release.countDown();
		this.broker.terminate();
		Waiting.until(() -> {
			this.time.pass(Duration.ofMinutes(1));
			return this.broker.state() == BrokerState.TERMINATED;
		});
	}

	private void serve(EndpointFactory factory) {
		this.broker.registerEndpointFactory("tcp", factory, OPTIONS);
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
	}

	@Test
	void g3AStopClosesOnAnotherThreadWhileServing() {
		serve(this.puppets);
		Puppet puppet = this.puppets.next();
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(puppet.closedBy).isNotSameAs(puppet.servedBy);
		assertThat(puppet.closedBy.getName()).isEqualTo("broker-tcp-1-close");
		Waiting.until(() -> this.time.pending() == 0);
	}

	@Test
	void g5AnExceptionAfterACloseWasAskedForIsNoCrash() {
		serve(new Puppets(() -> new Puppet() {
			@Override
			Throwable obey() throws InterruptedException {
				super.obey();
				throw new IllegalStateException("socket closed");
			}
		}));
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").crashes()).isZero();
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void g3ACloseThatThrowsChangesNothing() {
		Puppets throwing = new Puppets(() -> new Puppet() {
			@Override
			public void close() throws Exception {
				super.close();
				throw new LinkageError("close is broken");
			}
		});
		serve(throwing);
		throwing.next().crash();
		throwing.next();
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(throwing.all).hasSize(2).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
	}

	@Test
	void g8WhatIsMadeAfterAStopIsClosedAndNeverServed() {
		CountDownLatch creating = new CountDownLatch(1);
		AtomicBoolean interruptedInClose = new AtomicBoolean();
		Puppets late = new Puppets(() -> new Puppet() {
			@Override
			public void close() throws Exception {
				interruptedInClose.set(Thread.currentThread().isInterrupted());
				super.close();
			}
		});
		serve(() -> {
			creating.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException stop) {
				Thread.currentThread().interrupt();
			}
			return late.create();
		});
		Waiting.on(creating);
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(late.all).hasSize(1);
		assertThat(late.all.get(0).serves).hasValue(0);
		assertThat(late.all.get(0).closes).hasValue(1);
		assertThat(interruptedInClose).as("a close must have its chance to be graceful").isFalse();
		assertThat(this.broker.endpoint("tcp").crashes()).isZero();
	}

	@Test
	void g10AFactoryIsInterruptedAsSoonAsAStopIsAskedFor() {
		CountDownLatch creating = new CountDownLatch(1);
		serve(() -> {
			creating.countDown();
			new CountDownLatch(1).await();
			throw new AssertionError("cannot be reached");
		});
		Waiting.on(creating);
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void g10AServeThatIgnoresItsCloseIsInterruptedAfterTheCloseTimeout() {
		Puppets hanging = new Puppets(() -> new Puppet() {
			@Override
			Throwable obey() throws InterruptedException {
				new CountDownLatch(1).await();
				throw new AssertionError("cannot be reached");
			}
		});
		serve(hanging);
		hanging.next();
		this.broker.stop("tcp");
		Waiting.on(hanging.all.get(0).closed);
		this.time.pass(Duration.ofMillis(19_999));
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.CLOSING);
		this.time.fireWithin(Duration.ofMillis(1));
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").abandoned()).isZero();
	}

	@Test
	void g10ACloseThatHangsOnTheServingThreadIsInterrupted() {
		AtomicInteger interrupts = new AtomicInteger();
		Puppets hanging = new Puppets(() -> new Puppet() {
			@Override
			public void close() throws Exception {
				super.close();
				try {
					new CountDownLatch(1).await();
				}
				catch (InterruptedException asDesigned) {
					interrupts.incrementAndGet();
				}
			}
		});
		serve(hanging);
		hanging.next().crash();
		Waiting.on(hanging.all.get(0).closed);
		this.time.fireWithin(Duration.ofSeconds(20));
		hanging.next();
		assertThat(interrupts).hasValue(1);
	}

	@Test
	void g10WhatEvenIgnoresItsInterruptIsAbandonedAndCountedUntilItEnds() {
		serve(new Puppets(Puppet.Deaf::new));
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		this.broker.stop("tcp");
		this.time.fireWithin(Duration.ofSeconds(20));
		Waiting.until(() -> this.time.pending() == 1);
		this.time.pass(Duration.ofMillis(999));
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.CLOSING);
		this.time.pass(Duration.ofMillis(1));
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		EndpointSnapshot snapshot = this.broker.endpoint("tcp");
		assertThat(snapshot.state()).isEqualTo(EndpointState.STOPPED);
		assertThat(snapshot.abandoned()).isEqualTo(1);
	}

	@Test
	void g10AnAbandonedOneDoesNotKeepItsSuccessorFromServingAndItsLateEndOnlyCounts() {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		serve(deaf);
		Puppet.Deaf first = (Puppet.Deaf) deaf.next();
		this.broker.restart("tcp");
		this.time.fireWithin(Duration.ofSeconds(20));
		this.time.fireWithin(Duration.ofSeconds(1));
		Puppet.Deaf second = (Puppet.Deaf) deaf.next();
		EndpointSnapshot before = this.broker.endpoint("tcp");
		assertThat(before.abandoned()).isEqualTo(1);
		assertThat(before.incarnation()).isEqualTo(2);
		first.letGo();
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == 0);
		assertThat(this.broker.endpoint("tcp")).usingRecursiveComparison()
			.ignoringFields("abandoned")
			.isEqualTo(before);
		assertThat(first.closes).hasValue(1);
		second.letGo();
	}

	@Test
	void g3WhatAnAbandonedFactoryMakesInTheEndIsClosedAndNotServed() {
		CountDownLatch creating = new CountDownLatch(1);
		Puppets late = new Puppets();
		serve(() -> {
			creating.countDown();
			boolean released = false;
			while (!released) {
				try {
					this.release.await();
					released = true;
				}
				catch (InterruptedException deaf) {
					// Goes on.
				}
			}
			return late.create();
		});
		Waiting.on(creating);
		this.broker.stop("tcp");
		this.time.fireWithin(Duration.ofSeconds(20));
		this.time.fireWithin(Duration.ofSeconds(1));
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").abandoned()).isEqualTo(1);
		this.release.countDown();
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == 0);
		assertThat(late.all).hasSize(1).allSatisfy((puppet) -> {
			assertThat(puppet.serves).hasValue(0);
			assertThat(puppet.closes).hasValue(1);
		});
	}

	@Test
	void g10ATerminationListsWhatIsStillAliveWithItsLiveStack() throws Exception {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		serve(deaf);
		Puppet.Deaf puppet = (Puppet.Deaf) deaf.next();
		this.broker.terminate();
		this.time.fireWithin(Duration.ofSeconds(20));
		this.time.fireWithin(Duration.ofSeconds(1));
		List<Termination.Stuck> stuck = this.broker.await().stuck();
		assertThat(stuck).hasSize(1);
		assertThat(stuck.get(0).id()).isEqualTo("tcp");
		assertThat(stuck.get(0).incarnation()).isEqualTo(1);
		assertThat(stuck.get(0).stack()).extracting(StackTraceElement::getMethodName).contains("obey");
		puppet.letGo();
	}

	@Test
	void g10AHangingCloseOfOneEndpointDoesNotDelayTheCloseOfAnother() {
		this.broker.registerEndpointFactory("deaf", new Puppets(Puppet.Deaf::new));
		serve(this.puppets);
		Puppet puppet = this.puppets.next();
		Waiting.untilState(this.broker, "deaf", EndpointState.SERVING);
		this.broker.terminate();
		Waiting.on(puppet.closed);
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATING);
	}

}
