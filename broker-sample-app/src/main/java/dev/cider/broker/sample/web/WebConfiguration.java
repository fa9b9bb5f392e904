package dev.cider.broker.sample.web;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What the classes of this package cannot say by themselves.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
class WebConfiguration {

	/** Static, since it has to be there before the factories are made. */
	@Bean
	static CrashableEndpoints crashableEndpoints() {
		return new CrashableEndpoints();
	}

}
