package dev.cider.broker.readme;

import dev.cider.broker.Broker;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.spring.EndpointDroppedEvent;
import dev.cider.broker.spring.ForEndpoints;
import dev.cider.broker.spring.Supervised;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.task.TaskDecorator;

/**
 * The snippets of the READMEs, compiled and run.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@ComponentScan
class PriceApplication {

	static final Logger logger = LoggerFactory.getLogger(PriceApplication.class);

	@Bean
	@Supervised
	ContextualEndpointFactory otherPrices(@Value("${prices.other-port:7001}") int port) {
		return (context) -> new PriceFeed(port, context); // a new one for every start
	}

	@Bean(defaultCandidate = false) // for endpoints only, not for executors
	@ForEndpoints
	TaskDecorator team() {
		return (task) -> () -> {
			MDC.put("team", "market");
			try {
				task.run();
			}
			finally {
				MDC.remove("team");
			}
		};
	}

	@EventListener
	void alarm(EndpointDroppedEvent event) {
		System.err.println(event.getReport().factoryId() + ": " + event.getReport().decision().explanation());
	}

	static void withoutSpring() {
		Broker broker = Broker.create();
		broker.registerEndpointFactory("prices", (context) -> new PriceFeed(7000, context));
		broker.monitor((report) -> logger.warn("{}: {}", report.factoryId(), report.decision().explanation()));
		broker.listenAndServe(); // returns at once
		broker.stop("prices");
		broker.close(); // closes all endpoints and waits for them
	}

}
