package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.actuate.BrokerPageEndpoint;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for the actuator endpoint {@code brokerpage}.
 */
@AutoConfiguration(after = BrokerAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(BrokerPageEndpoint.class)
@ConditionalOnBean(value = BrokerLifecycle.class, search = SearchStrategy.CURRENT)
public final class BrokerPageEndpointAutoConfiguration {

	BrokerPageEndpointAutoConfiguration() {
	}

	@Bean("dev.cider.broker.spring.actuate.BrokerPageEndpoint")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BrokerPageEndpoint brokerPageEndpoint(Environment environment, ObjectProvider<PathMappedEndpoints> paths,
			ObjectProvider<EndpointAccessResolver> access) {
		EndpointId broker = EndpointId.of("broker");
		Access granted = access.stream()
			.findFirst()
			.map((resolver) -> resolver.accessFor(broker, Access.READ_ONLY))
			.orElse(Access.READ_ONLY);
		// Asked at a request: they list all actuator endpoints, this one too.
		return new BrokerPageEndpoint(environment.getProperty("spring.application.name", ""),
				(id) -> paths.stream().findFirst().map((all) -> all.getRootPath(EndpointId.of(id))).orElse(null),
				granted);
	}

}
