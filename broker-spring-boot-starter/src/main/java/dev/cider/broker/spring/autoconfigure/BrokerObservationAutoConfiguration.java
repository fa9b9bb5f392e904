package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.observation.DefaultEndpointObservationConvention;
import dev.cider.broker.spring.observation.EndpointObservationConvention;
import dev.cider.broker.spring.observation.EndpointObservations;
import dev.cider.broker.spring.observation.EndpointTracingHandler;
import dev.cider.broker.spring.observation.RecoveryListener;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for the observations, where the application has a registry for them.
 * The names in {@code afterName} are those of Spring Boot's auto-configurations that
 * declare the registry and the tracer.
 */
@AutoConfiguration(after = BrokerAutoConfiguration.class,
		afterName = { "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
				"org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration" })
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(value = BrokerLifecycle.class, search = SearchStrategy.CURRENT)
public final class BrokerObservationAutoConfiguration {

	/** Before Spring Boot's handlers, which support every context. */
	static final int HANDLER_ORDER = 0;

	BrokerObservationAutoConfiguration() {
	}

	/** A prototype, because each broker is observed by a monitor of its own. */
	@Bean("dev.cider.broker.spring.observation.EndpointObservations")
	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	@ConditionalOnSingleCandidate(ObservationRegistry.class)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	EndpointObservations brokerEndpointObservations(ObservationRegistry registry,
			ObjectProvider<EndpointObservationConvention> convention, ObjectProvider<RecoveryListener> listeners) {
		return new EndpointObservations(registry, convention.getIfAvailable(DefaultEndpointObservationConvention::new),
				listeners.orderedStream().toList());
	}

	/**
	 * The spans.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Tracer.class, TracingObservationHandler.class })
	static final class Tracing {

		Tracing() {
		}

		@Bean("dev.cider.broker.spring.observation.EndpointTracingHandler")
		@Order(HANDLER_ORDER)
		@ConditionalOnSingleCandidate(Tracer.class)
		@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
		EndpointTracingHandler brokerEndpointTracingHandler(Tracer tracer) {
			return new EndpointTracingHandler(tracer);
		}

	}

}
