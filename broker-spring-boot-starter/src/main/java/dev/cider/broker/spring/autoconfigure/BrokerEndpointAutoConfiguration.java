package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.actuate.BrokerEndpoint;
import dev.cider.broker.spring.actuate.BrokerEndpointWebExtension;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the actuator endpoint {@code broker}.
 */
@AutoConfiguration(after = BrokerAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(BrokerEndpoint.class)
@ConditionalOnBean(value = BrokerLifecycle.class, search = SearchStrategy.CURRENT)
@EnableConfigurationProperties(BrokerEndpointProperties.class)
public final class BrokerEndpointAutoConfiguration {

	BrokerEndpointAutoConfiguration() {
	}

	@Bean("dev.cider.broker.spring.actuate.BrokerEndpoint")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BrokerEndpoint brokerEndpoint(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle,
			BrokerEndpointProperties properties, EndpointProperties shared) {
		BrokerLifecycle own = IdleBroker.unlessOwn(beanFactory, lifecycle);
		return new BrokerEndpoint(own, BlueprintSettings.of(beanFactory, own, shared), properties.showValues());
	}

	@Bean("dev.cider.broker.spring.actuate.BrokerEndpointWebExtension")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	BrokerEndpointWebExtension brokerEndpointWebExtension(ListableBeanFactory beanFactory,
			@Nullable BrokerLifecycle lifecycle, BrokerEndpointProperties properties, EndpointProperties shared) {
		BrokerLifecycle own = IdleBroker.unlessOwn(beanFactory, lifecycle);
		return new BrokerEndpointWebExtension(own, BlueprintSettings.of(beanFactory, own, shared),
				properties.showValues(), properties.roles());
	}

}
