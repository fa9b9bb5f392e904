package dev.cider.broker.sample.web;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The beans of this package that are not components.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
class WebConfiguration {

	/** Static, because a BeanPostProcessor must exist before the factories are made. */
	@Bean
	static CrashableEndpoints crashableEndpoints() {
		return new CrashableEndpoints();
	}

}
