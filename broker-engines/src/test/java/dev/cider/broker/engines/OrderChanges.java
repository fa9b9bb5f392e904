package dev.cider.broker.engines;

import java.io.IOException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.spring.Supervised;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.ConnectorCallback;
import io.debezium.engine.format.Json;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Debezium's embedded engine.
 */
@Configuration(proxyBeanMethods = false)
class OrderChanges {

	@Bean
	@Supervised
	ContextualEndpointFactory changes(Properties debezium, Consumer<String> changes) {
		return (context) -> {
			AtomicReference<Exception> failure = new AtomicReference<>();
			DebeziumEngine<ChangeEvent<String, String>> engine = DebeziumEngine.create(Json.class)
				.using(debezium)
				.using((success, message, error) -> failure.set(success ? null : new IOException(message, error)))
				.using(new ConnectorCallback() {
					@Override
					public void pollingStarted() {
						context.ready();
					}
				})
				.notifying((change) -> changes.accept(change.value()))
				.build();
			return Endpoint.interruptible(() -> {
				engine.run(); // tells a failure to the callback, then returns
				if (failure.get() != null) {
					throw failure.get();
				}
			});
		};
	}

}
