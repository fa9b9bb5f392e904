package dev.cider.broker.readme;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.DynamicPropertyRegistrar;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the reference tests an application.
 */
@SpringBootTest(classes = { PriceApplication.class, FeedTests.Source.class }, webEnvironment = WebEnvironment.NONE,
		properties = { "broker.restart.delay=0s", "broker.restart.jitter=0s", "broker.start-timeout=10s",
				"broker.endpoints.otherPrices.auto-start=false", "spring.config.location=optional:classpath:/none/" })
class FeedTests {

	@Autowired
	private BrokerOperations broker;

	@Autowired
	private ServerSocket source;

	@Test
	void theFeedComesBackWhenTheSourceHangsUp() throws IOException {
		Awaitility.await().until(() -> this.broker.endpoint("prices").state() == EndpointState.SERVING);
		this.source.accept().close();
		Awaitility.await().until(() -> this.broker.endpoint("prices").incarnation() == 2);
		assertThat(this.broker.history("prices").get(0).message()).isEqualTo("the source hung up");
	}

	static class Source {

		@Bean
		ServerSocket socket() throws IOException {
			return new ServerSocket(0, 50, InetAddress.getByName("localhost"));
		}

		@Bean
		static DynamicPropertyRegistrar port(ObjectProvider<ServerSocket> source) {
			return (properties) -> properties.add("prices.port", () -> source.getObject().getLocalPort());
		}

	}

}
