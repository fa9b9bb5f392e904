package dev.cider.broker.sample.web;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An endpoint that the page can crash keeps the contract of {@link Endpoint}.
 */
class CrashableEndpointTests {

	private final AtomicInteger closes = new AtomicInteger();

	private final CountDownLatch serving = new CountDownLatch(1);

	private final CountDownLatch closed = new CountDownLatch(1);

	private final CrashableEndpoint endpoint = new CrashableEndpoint(new Endpoint() {

		@Override
		public void listenAndServe() throws InterruptedException {
			CrashableEndpointTests.this.serving.countDown();
			CrashableEndpointTests.this.closed.await();
		}

		@Override
		public void close() {
			CrashableEndpointTests.this.closes.incrementAndGet();
			CrashableEndpointTests.this.closed.countDown();
		}

	});

	@Test
	void aCrashMakesItThrowAndClosesItOnce() throws Exception {
		CompletableFuture<Void> run = serve();
		PageCrashException crash = new PageCrashException();
		assertThat(this.endpoint.crash(crash)).isTrue();
		assertThat(this.endpoint.crash(new PageCrashException())).as("a second one").isFalse();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(run::get).withCause(crash);
		this.endpoint.close();
		assertThat(this.closes).hasValue(1);
	}

	@Test
	void aCloseLetsItReturn() throws Exception {
		CompletableFuture<Void> run = serve();
		this.endpoint.close();
		run.get();
		assertThat(this.endpoint.crash(new PageCrashException())).as("too late").isFalse();
		assertThat(this.closes).hasValue(1);
	}

	@Test
	void whatDoesNotServeCannotCrash() {
		assertThat(this.endpoint.crash(new PageCrashException())).isFalse();
		assertThat(this.closes).hasValue(0);
	}

	@Test
	void factoriesOfBothKindsStayWhatTheyAre() {
		CrashableEndpoints endpoints = new CrashableEndpoints();
		EndpointFactory plain = () -> this.endpoint;
		ContextualEndpointFactory contextual = (context) -> this.endpoint;
		assertThat(endpoints.postProcessAfterInitialization(plain, "tcp")).isInstanceOf(EndpointFactory.class)
			.isNotInstanceOf(ContextualEndpointFactory.class);
		assertThat(endpoints.postProcessAfterInitialization(contextual, "tcp"))
			.isInstanceOf(ContextualEndpointFactory.class);
		assertThat(endpoints.postProcessAfterInitialization("other", "tcp")).isEqualTo("other");
	}

	private CompletableFuture<Void> serve() {
		CompletableFuture<Void> run = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				this.endpoint.listenAndServe();
				run.complete(null);
			}
			catch (Exception ex) {
				run.completeExceptionally(ex);
			}
		}, "serving");
		thread.setDaemon(true);
		thread.start();
		Awaitility.await().until(() -> this.serving.getCount() == 0);
		return run;
	}

}
