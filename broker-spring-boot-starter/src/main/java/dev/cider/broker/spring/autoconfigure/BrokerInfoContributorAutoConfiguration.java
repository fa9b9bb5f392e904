package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.actuate.BrokerInfoContributor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.autoconfigure.info.InfoContributorFallback;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for what {@code /actuator/info} shows. Off unless
 * {@code management.info.broker.enabled} is {@code true}, as Spring Boot's own
 * contributors that tell of the inside.
 */
@AutoConfiguration(after = BrokerAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledInfoContributor.class)
@ConditionalOnBean(value = BrokerLifecycle.class, search = SearchStrategy.CURRENT)
public final class BrokerInfoContributorAutoConfiguration {

	BrokerInfoContributorAutoConfiguration() {
	}

	@Bean("dev.cider.broker.spring.actuate.BrokerInfoContributor")
	@ConditionalOnEnabledInfoContributor(value = "broker", fallback = InfoContributorFallback.DISABLE)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BrokerInfoContributor brokerInfoContributor(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle) {
		return new BrokerInfoContributor(IdleBroker.unlessOwn(beanFactory, lifecycle));
	}

}
