package app;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.observation.EndpointObservationContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * An application that exports its traces with OpenTelemetry. One recovery arrives as one
 * span with its events, with the times at which they happened, although the monitor is
 * told late.
 */
class TracingTests {

	private static Instant instant(long sinceEpoch) {
		return Instant.EPOCH.plusNanos(sinceEpoch);
	}

	private static List<String> attributes(Span span) {
		return span.getAttributesList()
			.stream()
			.map((KeyValue attribute) -> attribute.getKey() + "=" + attribute.getValue().getStringValue())
			.collect(Collectors.toList());
	}

	@Test
	void oneRecoveryArrivesAsOneSpanWithItsEvents() throws Exception {
		try (var receiver = new SpanReceiver();
				var context = SpringApplication.run(App.class,
						"--management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.address(),
						// Its name in Boot 4.0.
						"--management.otlp.tracing.endpoint=" + receiver.address(),
						"--management.tracing.sampling.probability=1.0", "--management.otlp.metrics.export.enabled=false",
						"--management.simple.metrics.export.enabled=true", "--broker.explicit-ready=true",
						"--broker.restart.delay=50ms", "--broker.restart.jitter=0s", "--broker.restart.multiplier=1")) {
			var app = context.getBean(App.class);
			var broker = context.getBean(BrokerOperations.class);
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").state() == EndpointState.SERVING);
			Instant before = Instant.now();
			app.crash.countDown();
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").incarnation() == 3
					&& broker.endpoint("feed").state() == EndpointState.SERVING);
			Instant ready = broker.endpoint("feed").since();
			// Only now is the monitor told of anything but the first start.
			app.late.countDown();
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> !receiver.named("recovery feed").isEmpty()
					&& receiver.named("start feed").size() == 3);

			assertThat(receiver.named("recovery feed")).hasSize(1);
			Span recovery = receiver.named("recovery feed").get(0);
			assertThat(instant(recovery.getStartTimeUnixNano())).isBetween(before, ready);
			assertThat(instant(recovery.getEndTimeUnixNano())).isCloseTo(ready, within(Duration.ofMillis(1)));
			assertThat(attributes(recovery)).contains("endpoint=feed", "phase=SERVE", "outcome=ready",
					"exception=IllegalStateException", "incarnation=1");
			assertThat(recovery.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
			assertThat(recovery.getParentSpanId().isEmpty()).isTrue();
			List<Span.Event> events = recovery.getEventsList()
				.stream()
				.filter((event) -> !event.getName().equals("exception"))
				.toList();
			assertThat(events).extracting(Span.Event::getName)
				.containsExactly("backoff of 50 ms", "attempt: incarnation 2",
						"crash of incarnation 2 in phase SERVE: IllegalStateException", "backoff of 50 ms",
						"attempt: incarnation 3");
			assertThat(events)
				.allSatisfy((event) -> assertThat(event.getTimeUnixNano()).isBetween(recovery.getStartTimeUnixNano(),
						recovery.getEndTimeUnixNano()));
			assertThat(events).extracting(Span.Event::getTimeUnixNano).isSorted();

			assertThat(receiver.stream().filter((span) -> span.getParentSpanId().equals(recovery.getSpanId())))
				.allSatisfy((span) -> assertThat(span.getTraceId()).isEqualTo(recovery.getTraceId()))
				.extracting(Span::getName)
				.contains("close feed", "start feed");
			assertThat(receiver.named("start feed")).hasSize(3);

			Timer timer = context.getBean(MeterRegistry.class)
				.get("broker.endpoint.recovery")
				.tag("endpoint", "feed")
				.timer();
			assertThat(timer.count()).isEqualTo(1);
			assertThat(timer.totalTime(TimeUnit.NANOSECONDS))
				.isEqualTo((double) (recovery.getEndTimeUnixNano() - recovery.getStartTimeUnixNano()));
			assertThat(context.getBean(MeterRegistry.class).getMeters())
				.extracting((meter) -> meter.getId().getName())
				.doesNotContain("broker.endpoint.start", "broker.endpoint.close", "broker.endpoint.recovery.active");
		}
	}

	@SpringBootApplication
	static class App {

		final CountDownLatch crash = new CountDownLatch(1);

		final CountDownLatch late = new CountDownLatch(1);

		@Bean
		@Supervised
		ContextualEndpointFactory feed() {
			return (context) -> {
				var closed = new CountDownLatch(1);
				return Endpoint.of(() -> {
					if (context.incarnation() == 2) {
						throw new IllegalStateException("the source refuses");
					}
					context.ready();
					if (context.incarnation() == 1) {
						this.crash.await();
						throw new IllegalStateException("the source hung up");
					}
					closed.await();
				}, closed::countDown);
			};
		}

		/** A slow handler: it holds up the monitor, but no endpoint. */
		@Bean
		ObservationHandler<EndpointObservationContext> slow() {
			return new ObservationHandler<>() {

				@Override
				public void onStart(EndpointObservationContext context) {
					try {
						App.this.late.await();
					}
					catch (InterruptedException ended) {
						Thread.currentThread().interrupt();
					}
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return context instanceof EndpointObservationContext;
				}

			};
		}

	}

}
