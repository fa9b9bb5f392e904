package dev.cider.broker.engines;

import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A PostgreSQL server that is killed, a connection that it ends, and a network that says
 * nothing.
 */
class PostgresListenTests {

	private static PostgresServer server;

	@BeforeAll
	static void start() throws Exception {
		assumeTrue(PostgresServer.isInstalled(), PostgresServer.MISSING);
		server = new PostgresServer();
	}

	@AfterAll
	static void stop() throws Exception {
		if (server != null) {
			server.close();
		}
	}

	private static EngineApplication run(int port) throws Exception {
		EngineApplication application = new EngineApplication("orderListener", OrderListener.class,
				Map.of("orders.database", server.url(port)), Map.of());
		application.awaitServing();
		assertReceives(application, "first");
		return application;
	}

	private static void assertReceives(EngineApplication application, String order) throws Exception {
		server.execute("NOTIFY orders, '" + order + "'");
		application.awaitReceived(order);
	}

	@Test
	void listensAgainAfterTheServerWasKilled() throws Exception {
		try (EngineApplication application = run(server.port())) {
			application.outageBegins();
			server.kill();
			application.awaitCrashes(2);
			server.start();
			application.outageEnds();
			application.awaitServing();
			assertReceives(application, "second");
			application.tellRecovery("PostgreSQL: the server is killed");
			assertThat(application.lastCrash().type()).isEqualTo("org.postgresql.util.PSQLException");
		}
	}

	@Test
	void listensAgainAfterTheServerEndedItsConnection() throws Exception {
		try (EngineApplication application = run(server.port())) {
			application.outageBegins();
			server.execute(
					"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
			application.awaitCrashes(1);
			application.awaitServing();
			assertReceives(application, "second");
			application.tellRecovery("PostgreSQL: the server ends the session");
			// Which of the two calls finds out depends on where the engine was.
			assertThat(application.lastCrash().message()).containsAnyOf("terminating connection",
					"the server does not answer");
		}
	}

	@Test
	void listensAgainAfterTheNetworkFellSilent() throws Exception {
		try (Proxy network = new Proxy(server.port()); EngineApplication application = run(network.port())) {
			application.outageBegins();
			network.silence();
			application.awaitCrashes(1);
			assertThat(application.lastCrash().message()).isEqualTo("the server does not answer");
			network.restore();
			application.outageEnds();
			application.awaitServing();
			assertReceives(application, "second");
			application.tellRecovery("PostgreSQL: the network falls silent");
		}
	}

}
