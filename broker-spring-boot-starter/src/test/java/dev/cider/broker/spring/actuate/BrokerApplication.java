package dev.cider.broker.spring.actuate;

import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * A web application with two endpoints.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(TestEndpoints.Tcp.class)
class BrokerApplication {

	@Bean
	@Supervised
	ScriptedFactory idle() {
		return new ScriptedFactory();
	}

}
