package dev.cider.broker.engines;

import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.spring.Supervised;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A topology of Kafka Streams.
 */
@Configuration(proxyBeanMethods = false)
class OrderTotals {

	@Bean
	@Supervised
	ContextualEndpointFactory totals(Topology topology, Properties kafka) {
		return (context) -> {
			KafkaStreams streams = new KafkaStreams(topology, kafka);
			CompletableFuture<Void> end = new CompletableFuture<>();
			streams.setUncaughtExceptionHandler((error) -> {
				end.completeExceptionally(error);
				return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
			});
			streams.setStateListener((state, before) -> {
				if (state == State.RUNNING) {
					context.ready();
				}
				else if (state == State.ERROR || state == State.NOT_RUNNING) {
					end.completeExceptionally(new IllegalStateException("Kafka Streams is " + state));
				}
			});
			return Endpoint.of(() -> {
				streams.start();
				end.get();
			}, () -> {
				end.complete(null); // first: NOT_RUNNING is no failure now
				streams.close(Duration.ofSeconds(10));
			});
		};
	}

}
