package app;

import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;

/**
 * An application with a little of everything.
 */
@SpringBootApplication
@EnableConfigurationProperties(TradingProperties.class)
@EnableAsync
@EnableScheduling
@EnableCaching
@EnableMethodSecurity
class Trading {

	@Bean
	QueueChannel orderChannel() {
		return new QueueChannel();
	}

	@Bean
	@Supervised
	EndpointFactory desk(Orders orders) {
		return orders::endpoint;
	}

	@Bean
	@Supervised
	EndpointFactory door(TradingProperties properties, Prices prices) {
		return () -> new Door(properties, prices);
	}

	@Bean
	static RefreshScope refreshScope() {
		return new RefreshScope();
	}

	@Bean
	static CustomScopeConfigurer scopes(RefreshScope refresh) {
		CustomScopeConfigurer configurer = new CustomScopeConfigurer();
		configurer.addScope("refresh", refresh);
		return configurer;
	}

	@Bean
	@Supervised
	@Scope(scopeName = "refresh", proxyMode = ScopedProxyMode.INTERFACES)
	EndpointFactory rates() {
		return new RatesFactory();
	}

	/** Beside Kafka's own listener, which has no server here to listen to. */
	@Bean
	@Supervised
	EndpointFactory publisher(KafkaTemplate<Object, Object> kafka) {
		return () -> new Feed(false);
	}

	@KafkaListener(id = "ticks", topics = "ticks", autoStartup = "false")
	void tick(String tick) {
	}

}
