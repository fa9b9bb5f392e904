package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;

import dev.cider.broker.spring.ApplicationExit;
import dev.cider.broker.spring.BrokerBlueprint;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ForEndpoints;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.task.TaskDecorator;

/**
 * Auto-configuration for the broker: serves the beans that are
 * {@link dev.cider.broker.spring.Supervised @Supervised} in this context. It ignores the
 * supervised beans and the broker of a parent context. The beans below have the names of
 * their types, because a plain name might be in use in the application.
 */
@AutoConfiguration
@Conditional(OnBrokerEnabledCondition.class)
@EnableConfigurationProperties({ BrokerProperties.class, EndpointProperties.class })
public final class BrokerAutoConfiguration {

	/** How long the exit waits for a start of the application to finish. */
	private static final Duration START_LIMIT = Duration.ofSeconds(30);

	BrokerAutoConfiguration() {
	}

	@Bean("dev.cider.broker.spring.BrokerBlueprint")
	@Lazy(false)
	@ConditionalOnMissingBean(value = BrokerBlueprint.class, search = SearchStrategy.CURRENT)
	BeanFactoryBlueprint brokerBlueprint(ConfigurableListableBeanFactory beanFactory, Environment environment,
			ObjectProvider<BrokerProperties> properties, ObjectProvider<EndpointProperties> endpointProperties,
			@ForEndpoints ObjectProvider<TaskDecorator> decorators) {
		// Before the properties are bound: Spring Boot's message has no value and no
		// origin.
		SectionValues.refuse(environment);
		return new BeanFactoryBlueprint(beanFactory, new BrokerSettings(properties.getObject(),
				endpointProperties.getObject(), environment, beanFactory.getBeanClassLoader()), decorators);
	}

	@Bean("dev.cider.broker.spring.ApplicationExit")
	@Lazy(false)
	@ConditionalOnMissingBean(value = ApplicationExit.class, search = SearchStrategy.CURRENT)
	SystemExit brokerApplicationExit(ConfigurableApplicationContext context) {
		return new SystemExit(context, START_LIMIT);
	}

	@Bean("dev.cider.broker.spring.BrokerLifecycle")
	@Lazy(false)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BrokerLifecycle brokerLifecycle(BrokerBlueprint blueprint, ApplicationEventPublisher publisher,
			BrokerProperties properties) {
		return new BrokerLifecycle(blueprint, publisher, properties.lifecycle().phase(),
				properties.lifecycle().autoStartup());
	}

	@Bean("dev.cider.broker.spring.autoconfigure.StopAnnouncer")
	@Lazy(false)
	StopAnnouncer brokerStopAnnouncer(ApplicationContext context, @Nullable BrokerLifecycle broker) {
		return new StopAnnouncer(context, IdleBroker.unlessOwn(context, broker));
	}

}
