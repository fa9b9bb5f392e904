package dev.cider.broker.sample;

import java.net.InetSocketAddress;
import java.time.Clock;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.tcp.TcpEndpoint;
import dev.cider.broker.sample.websocket.WebSocketEndpoint;
import dev.cider.broker.sample.zeromq.ZeroMqEndpoint;
import dev.cider.broker.spring.Supervised;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * One exchange, and the transports that connect clients to it. The name of a transport's
 * bean is the id of its endpoint.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SampleProperties.class)
class Transports {

	@Bean
	Exchange exchange(SampleProperties properties) {
		return new Exchange(Clock.systemUTC(), properties.crashEnabled(), properties.limits());
	}

	@Bean
	@Supervised
	ContextualEndpointFactory tcp(Exchange exchange, SampleProperties properties) {
		InetSocketAddress address = new InetSocketAddress(properties.bindAddress(), properties.tcp().port());
		return (context) -> new TcpEndpoint(context, exchange, address, properties.maxLineBytes(),
				properties.maxConnections());
	}

	@Bean
	@Supervised
	ContextualEndpointFactory websocket(Exchange exchange, SampleProperties properties) {
		InetSocketAddress address = new InetSocketAddress(properties.bindAddress(), properties.websocket().port());
		return (context) -> new WebSocketEndpoint(context, exchange, address, properties.maxLineBytes(),
				properties.maxConnections());
	}

	@Bean
	@Supervised
	ContextualEndpointFactory zeromq(Exchange exchange, SampleProperties properties) {
		InetSocketAddress address = new InetSocketAddress(properties.bindAddress(), properties.zeromq().port());
		return (context) -> new ZeroMqEndpoint(context, exchange, address, properties.maxLineBytes(),
				properties.maxConnections());
	}

}
