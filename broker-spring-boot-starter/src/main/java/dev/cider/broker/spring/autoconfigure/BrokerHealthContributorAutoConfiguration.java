package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.health.BrokerHealthContributor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the health contributor {@code broker}.
 */
@AutoConfiguration(after = BrokerAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("broker")
@ConditionalOnBean(value = BrokerLifecycle.class, search = SearchStrategy.CURRENT)
public final class BrokerHealthContributorAutoConfiguration {

	BrokerHealthContributorAutoConfiguration() {
	}

	@Bean
	@ConditionalOnMissingBean(name = { "brokerHealthIndicator", "brokerHealthContributor" },
			search = SearchStrategy.CURRENT)
	BrokerHealthContributor brokerHealthContributor(ListableBeanFactory beanFactory,
			@Nullable BrokerLifecycle lifecycle, EndpointProperties properties) {
		BrokerLifecycle own = IdleBroker.unlessOwn(beanFactory, lifecycle);
		return new BrokerHealthContributor(own, BlueprintSettings.of(beanFactory, own, properties)::downWhen);
	}

}
