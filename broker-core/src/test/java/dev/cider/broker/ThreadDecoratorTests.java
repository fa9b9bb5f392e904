package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a thread decorator can do for an endpoint, and what it cannot break: G3 and G9.
 */
class ThreadDecoratorTests {

	private static final ThreadLocal<String> CONTEXT = new ThreadLocal<>();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final Puppets puppets = new Puppets();

	private Broker broker;

	@AfterEach
	void close() {
		this.broker.close();
	}

	private void serve(UnaryOperator<Runnable> decorator, EndpointFactory factory) {
		this.broker = Broker.builder().keepServing(true).threadDecorator(decorator).build();
		this.broker.registerEndpointFactory("tcp", factory, TestOptions.restartAtOnce());
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
	}

	private static boolean isClosing() {
		return Thread.currentThread().getName().endsWith("-close");
	}

	@Test
	void itSurroundsCreateServeAndCloseOnTheirOwnThreads() {
		AtomicReference<String> atCreate = new AtomicReference<>();
		AtomicReference<String> atServe = new AtomicReference<>();
		AtomicReference<String> atClose = new AtomicReference<>();
		AtomicReference<String> mdc = new AtomicReference<>();
		AtomicInteger cleared = new AtomicInteger();
		serve((task) -> {
			String thread = Thread.currentThread().getName() + " " + MDC.get(LoggingContext.KEY);
			return () -> {
				CONTEXT.set(thread);
				// As one does that restores the MDC of another thread.
				MDC.clear();
				task.run();
				CONTEXT.remove();
				cleared.incrementAndGet();
			};
		}, () -> {
			atCreate.set(CONTEXT.get());
			return Endpoint.of(() -> {
				mdc.set(MDC.get(LoggingContext.KEY));
				atServe.set(CONTEXT.get());
				this.puppets.create().listenAndServe();
			}, () -> {
				atClose.set(CONTEXT.get());
				this.puppets.all.get(0).close();
			});
		});
		this.puppets.next();
		this.broker.close();
		assertThat(atCreate).hasValue("broker-tcp-1 tcp");
		assertThat(atServe).hasValue("broker-tcp-1 tcp");
		assertThat(atClose).hasValue("broker-tcp-1-close tcp");
		assertThat(mdc).hasValue("tcp");
		Waiting.until(() -> cleared.get() == 2);
	}

	static Stream<Arguments> broken() {
		return Stream.of(Arguments.of("returned null", (UnaryOperator<Runnable>) (task) -> null),
				Arguments.of("threw", (UnaryOperator<Runnable>) (task) -> {
					throw new IllegalArgumentException("no context");
				}), Arguments.of("threw", (UnaryOperator<Runnable>) (task) -> () -> {
					throw new IllegalArgumentException("no context");
				}), Arguments.of("did not run", (UnaryOperator<Runnable>) (task) -> () -> {
				}), Arguments.of("did not run",
						(UnaryOperator<Runnable>) (task) -> () -> new Thread(task, "elsewhere").start()));
	}

	@ParameterizedTest
	@MethodSource("broken")
	void aDecoratorThatDoesNotRunTheTaskIsACrashInPhaseCreate(String what, UnaryOperator<Runnable> broken) {
		AtomicBoolean mended = new AtomicBoolean();
		CountDownLatch crashed = new CountDownLatch(1);
		serve((task) -> {
			if (!mended.getAndSet(true)) {
				crashed.countDown();
				return broken.apply(task);
			}
			return task;
		}, this.puppets);
		EndpointCrashReport crash = this.monitor.nextCrash();
		Waiting.on(crashed);
		assertThat(crash.phase()).isEqualTo(CrashPhase.CREATE);
		assertThat(crash.error()).hasMessageContainingAll("thread decorator", what, "broker-tcp-1");
		if (what.equals("threw")) {
			assertThat(crash.error()).hasRootCauseMessage("no context");
		}
		this.puppets.next();
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		assertThat(this.broker.endpoint("tcp").crashes()).isEqualTo(1);
		assertThat(this.puppets.all).hasSize(1);
	}

	@Test
	void g3ACloseIsMadeWithoutADecoratorThatThrows() {
		serve((task) -> {
			if (isClosing()) {
				throw new IllegalArgumentException("no context");
			}
			return task;
		}, this.puppets);
		Puppet puppet = this.puppets.next();
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void g9WhatItThrowsAfterTheTaskChangesNothing() {
		serve((task) -> () -> {
			task.run();
			throw new IllegalArgumentException("cannot clear");
		}, this.puppets);
		Puppet puppet = this.puppets.next();
		puppet.finish();
		Waiting.untilState(this.broker, "tcp", EndpointState.FINISHED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void g2ATaskThatIsRunTwiceServesOnce() {
		serve((task) -> () -> {
			task.run();
			task.run();
		}, this.puppets);
		Puppet puppet = this.puppets.next();
		puppet.finish();
		Waiting.untilState(this.broker, "tcp", EndpointState.FINISHED);
		assertThat(puppet.serves).hasValue(1);
		assertThat(this.puppets.all).hasSize(1);
	}

	/** It is interrupted as a factory is, and no other endpoint waits for it. */
	@Test
	void g9ADecoratorThatHangsDelaysNoOtherEndpointAndIsInterrupted() {
		CountDownLatch hangs = new CountDownLatch(1);
		AtomicBoolean interrupted = new AtomicBoolean();
		this.broker = Broker.builder().keepServing(true).threadDecorator((task) -> {
			if (Thread.currentThread().getName().startsWith("broker-stuck-1")) {
				hangs.countDown();
				try {
					new CountDownLatch(1).await();
				}
				catch (InterruptedException stop) {
					interrupted.set(true);
				}
			}
			return task;
		}).build();
		Puppets stuck = new Puppets();
		this.broker.registerEndpointFactory("stuck", stuck);
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.listenAndServe();
		Waiting.on(hangs);
		this.puppets.next();
		this.broker.stop("stuck");
		Waiting.untilState(this.broker, "stuck", EndpointState.STOPPED);
		assertThat(interrupted).isTrue();
		assertThat(stuck.all).isEmpty();
	}

}
