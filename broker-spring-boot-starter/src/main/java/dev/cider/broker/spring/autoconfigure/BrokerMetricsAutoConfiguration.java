package dev.cider.broker.spring.autoconfigure;

import java.util.List;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.metrics.BrokerMetrics;
import dev.cider.broker.spring.metrics.CrashCounter;
import dev.cider.broker.spring.metrics.GateMeters;
import dev.cider.broker.spring.metrics.LostEvents;
import dev.cider.broker.spring.metrics.RecoveryMeters;
import dev.cider.broker.spring.metrics.RecoveryObservationHandler;
import dev.cider.broker.spring.metrics.RecoveryTimer;
import dev.cider.broker.spring.observation.EndpointObservations;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration for the meters. Spring Boot binds the {@code MeterBinder} beans to
 * each registry, so they need no condition on a registry.
 */
@AutoConfiguration(after = { BrokerAutoConfiguration.class, BrokerObservationAutoConfiguration.class })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(value = BrokerLifecycle.class, search = SearchStrategy.CURRENT)
public final class BrokerMetricsAutoConfiguration {

	BrokerMetricsAutoConfiguration() {
	}

	@Bean("dev.cider.broker.spring.metrics.BrokerMetrics")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BrokerMetrics brokerMetrics(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle,
			BrokerProperties properties) {
		return new BrokerMetrics(IdleBroker.unlessOwn(beanFactory, lifecycle), properties.metrics().perEndpoint());
	}

	/**
	 * An own blueprint has gates that nobody knows before its endpoints are registered.
	 */
	@Bean("dev.cider.broker.spring.metrics.GateMeters")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	GateMeters brokerGateMeters(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle) {
		List<String> names = beanFactory.getBeansOfType(BeanFactoryBlueprint.class, true, false)
			.values()
			.stream()
			.flatMap((blueprint) -> blueprint.gateNames().stream())
			.distinct()
			.toList();
		return new GateMeters(IdleBroker.unlessOwn(beanFactory, lifecycle), names);
	}

	/** The recoveries come from the observations where there are any. */
	@Bean("dev.cider.broker.spring.metrics.RecoveryMeters")
	@ConditionalOnBean(value = EndpointObservations.class, search = SearchStrategy.CURRENT)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	RecoveryMeters brokerRecoveryMeters(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle,
			BrokerProperties properties) {
		return new RecoveryMeters(IdleBroker.unlessOwn(beanFactory, lifecycle), properties.metrics().perEndpoint());
	}

	/** Gets the meters late: Spring Boot needs handlers before it needs meters. */
	@Bean("dev.cider.broker.spring.metrics.RecoveryObservationHandler")
	@Order(BrokerObservationAutoConfiguration.HANDLER_ORDER)
	@ConditionalOnBean(value = EndpointObservations.class, search = SearchStrategy.CURRENT)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	RecoveryObservationHandler brokerRecoveryObservationHandler(ObjectProvider<RecoveryMeters> meters) {
		return new RecoveryObservationHandler(SingletonSupplier.of(meters::getObject));
	}

	@Bean("dev.cider.broker.spring.metrics.RecoveryTimer")
	@ConditionalOnMissingBean(value = RecoveryMeters.class, search = SearchStrategy.CURRENT)
	RecoveryTimer brokerRecoveryTimer(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle,
			BrokerProperties properties) {
		return new RecoveryTimer(IdleBroker.unlessOwn(beanFactory, lifecycle), properties.metrics().perEndpoint());
	}

	@Bean("dev.cider.broker.spring.metrics.CrashCounter")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	CrashCounter brokerCrashCounter(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle,
			BrokerProperties properties) {
		return new CrashCounter(IdleBroker.unlessOwn(beanFactory, lifecycle), properties.metrics().perEndpoint());
	}

	@Bean("dev.cider.broker.spring.metrics.LostEvents")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	LostEvents brokerLostEvents(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle lifecycle) {
		return new LostEvents(IdleBroker.unlessOwn(beanFactory, lifecycle)::lostEvents);
	}

}
