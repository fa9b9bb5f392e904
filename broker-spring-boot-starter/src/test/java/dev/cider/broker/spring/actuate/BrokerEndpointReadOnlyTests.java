package dev.cider.broker.spring.actuate;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code /actuator/broker} as it is by default.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "server.address=127.0.0.1", "management.endpoints.web.exposure.include=broker" })
class BrokerEndpointReadOnlyTests {

	@LocalServerPort
	private int port;

	@Autowired
	private BrokerOperations operations;

	@Test
	void writesAreNotAllowedUnlessConfigured() {
		ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.SERVING);
		Http http = new Http(this.port);
		assertThat(http.post("/broker/tcp", "{\"action\":\"stop\"}").status()).isEqualTo(405);
		assertThat(http.post("/broker/udp", "{\"action\":\"stop\"}").status()).isEqualTo(405);
		assertThat(http.get("/broker/tcp").status()).isEqualTo(200);
		assertThat(this.operations.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
	}

}
