package dev.cider.broker.engines;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.spring.Supervised;
import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A server of gRPC.
 */
@Configuration(proxyBeanMethods = false)
class GreetingServer {

	@Bean
	@Supervised
	ContextualEndpointFactory greetings(@Value("${greetings.port}") int port, BindableService service) {
		return (context) -> {
			Server server = Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
				.addService(service)
				.build();
			return Endpoint.of(() -> {
				server.start();
				context.ready();
				server.awaitTermination();
				throw new IOException("the server was shut down"); // no crash after close
			}, () -> {
				if (!server.shutdown().awaitTermination(5, TimeUnit.SECONDS)) {
					server.shutdownNow().awaitTermination();
				}
			});
		};
	}

}
