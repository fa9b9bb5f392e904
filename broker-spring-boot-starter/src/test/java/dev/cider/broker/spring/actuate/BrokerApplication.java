package dev.cider.broker.spring.actuate;

import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * A web application with two endpoints.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class BrokerApplication {

	@Bean
	@Supervised
	ScriptedFactory tcp() {
		return new ScriptedFactory();
	}

	@Bean
	@Supervised
	ScriptedFactory idle() {
		return new ScriptedFactory();
	}

}
