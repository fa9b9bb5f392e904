package dev.cider.broker.spring.actuate;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code /actuator/broker} on a port of its own, which is a context of its own.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "server.address=127.0.0.1", "management.server.port=0", "management.server.address=127.0.0.1",
				"management.endpoints.web.exposure.include=broker", "management.endpoint.broker.access=unrestricted" })
class BrokerEndpointManagementPortTests {

	@LocalServerPort
	private int port;

	@LocalManagementPort
	private int managementPort;

	@Autowired
	private BrokerOperations operations;

	@Test
	void theEndpointIsServedOnTheManagementPortOnly() {
		ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.SERVING);
		Http management = new Http(this.managementPort);
		assertThat(management.get("/broker").<String>json("$.endpoints.tcp.state")).isEqualTo("SERVING");
		assertThat(management.post("/broker/tcp", "{\"action\":\"start\"}").status()).isEqualTo(409);
		assertThat(management.post("/broker/tcp", "{\"action\":").status()).isEqualTo(400);
		assertThat(management.get("/broker/udp").<String>json("$.error")).contains("'udp'");
		assertThat(new Http(this.port).get("/broker").status()).isEqualTo(404);
	}

}
