package dev.cider.broker;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Endpoints of methods that exist already: {@link Endpoint#of} and
 * {@link Endpoint#interruptible}.
 */
class EndpointBodiesTests {

	private static final EndpointOptions VIRTUAL = TestOptions.restartAtOnce().toBuilder().virtualThreads(true).build();

	private final Broker broker = Broker.builder().keepServing(true).build();

	@AfterEach
	void closeBroker() {
		this.broker.close();
	}

	private void serve(EndpointFactory factory, EndpointOptions options) {
		this.broker.registerEndpointFactory("tcp", factory, options);
		this.broker.listenAndServe();
	}

	private void stopAndAssertThatItWasNoCrash() {
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").abandoned()).isZero();
		assertThat(this.broker.endpoint("tcp").crashes()).isZero();
	}

	@Test
	void g3AnEndpointOfTwoBodiesServesTheOneAndClosesWithTheOther() {
		AtomicInteger closes = new AtomicInteger();
		serve(() -> {
			CountDownLatch end = new CountDownLatch(1);
			return Endpoint.of(end::await, () -> {
				closes.incrementAndGet();
				end.countDown();
			});
		}, EndpointOptions.defaults());
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		stopAndAssertThatItWasNoCrash();
		assertThat(closes).hasValue(1);
	}

	@Test
	void whatABodyThrowsReachesTheBroker() {
		Endpoint broken = Endpoint.of(() -> {
			throw new IOException("no line");
		}, () -> {
			throw new IOException("no end");
		});
		assertThatExceptionOfType(IOException.class).isThrownBy(broken::listenAndServe).withMessage("no line");
		assertThatExceptionOfType(IOException.class).isThrownBy(broken::close).withMessage("no end");
	}

	@Test
	void g5AnInterruptClosesAnInterruptibleEndpoint() {
		serve(() -> Endpoint.interruptible(new CountDownLatch(1)::await), EndpointOptions.defaults());
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		stopAndAssertThatItWasNoCrash();
	}

	@Test
	void g6AnInterruptibleEndpointThatThrowsByItselfHasCrashed() {
		AtomicInteger calls = new AtomicInteger();
		serve(() -> Endpoint.interruptible(() -> {
			if (calls.incrementAndGet() == 1) {
				throw new IOException("connection reset");
			}
			new CountDownLatch(1).await();
		}), TestOptions.restartAtOnce());
		Waiting.until(() -> this.broker.endpoint("tcp").incarnation() == 2);
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		assertThat(this.broker.endpoint("tcp").lastCrash().message()).isEqualTo("connection reset");
	}

	@Test
	void g8WhatIsClosedBeforeItServesIsNotServed() throws Exception {
		AtomicInteger calls = new AtomicInteger();
		Endpoint endpoint = Endpoint.interruptible(calls::incrementAndGet);
		endpoint.close();
		endpoint.listenAndServe();
		assertThat(calls).hasValue(0);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	/** The thread may do something else by then. */
	@Test
	void aCloseAfterTheBodyHasEndedInterruptsNobody() throws Exception {
		Endpoint endpoint = Endpoint.interruptible(() -> {
		});
		endpoint.listenAndServe();
		endpoint.close();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with Java 21")
	void anInterruptEndsAnAcceptOnAVirtualThread() {
		AtomicReference<String> thread = new AtomicReference<>();
		serve(() -> Endpoint.interruptible(() -> {
			thread.set(Thread.currentThread().toString());
			try (ServerSocket server = new ServerSocket(0)) {
				server.accept();
			}
		}), VIRTUAL);
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		Waiting.until(() -> thread.get() != null);
		stopAndAssertThatItWasNoCrash();
		assertThat(thread.get()).startsWith("VirtualThread").contains("broker-tcp-1");
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_20, disabledReason = "later versions have virtual threads")
	void withoutVirtualThreadsTheOptionChangesNothing() {
		serve(() -> Endpoint.interruptible(new CountDownLatch(1)::await), VIRTUAL);
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		stopAndAssertThatItWasNoCrash();
	}

}
