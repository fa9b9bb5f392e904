package dev.cider.broker.readme;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.cider.broker.Broker;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.spring.EndpointDroppedEvent;
import dev.cider.broker.spring.Supervised;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

import org.springframework.context.event.EventListener;

/**
 * The snippets of the README, compiled and run.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@ComponentScan
class PriceApplication {

	static final Logger logger = LoggerFactory.getLogger(PriceApplication.class);

	final BlockingQueue<EndpointDroppedEvent> alarms = new LinkedBlockingQueue<>();

	@Bean
	@Supervised
	ContextualEndpointFactory prices(PriceBoard board) {
		return (context) -> new PriceFeed(board, context); // a new one for every start
	}

	@EventListener
	void alarm(EndpointDroppedEvent event) {
		logger.error("given up: {}", event.getReport().decision().explanation());
	}

	@EventListener
	void remember(EndpointDroppedEvent event) {
		this.alarms.add(event);
	}

	static void withoutSpring(PriceBoard board) {
		Broker broker = Broker.create();
		broker.registerEndpointFactory("prices", (context) -> new PriceFeed(board, context));
		broker.monitor((report) -> logger.warn("{}: {}", report.factoryId(), report.decision().explanation()));
		broker.listenAndServe(); // returns at once
		broker.stop("prices");
		broker.close(); // closes all endpoints and waits for them
	}

}
