package app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The shape of Spring PetClinic: a repository is injected into a supervised factory, and
 * beans without a definition are two beans deep.
 */
class ClinicTests {

	private static Postgres postgres;

	private ConfigurableApplicationContext clinic;

	private BrokerOperations broker;

	private int port;

	@BeforeAll
	static void startDatabase() throws Exception {
		assumeTrue(Postgres.isInstalled(), Postgres.MISSING);
		postgres = new Postgres();
	}

	@AfterAll
	static void stopDatabase() throws Exception {
		if (postgres != null) {
			postgres.close();
		}
	}

	@BeforeEach
	void start() throws Exception {
		postgres.execute("DROP TABLE IF EXISTS vets, notes");
		this.port = Postgres.freePort();
		this.clinic = SpringApplication.run(Clinic.class, "--spring.datasource.url=" + postgres.url(),
				"--clinic.greeting=miaow", "--clinic.port=" + this.port, "--loud", "--broker.start-timeout=1m",
				"--broker.restart.delay=1ms", "--broker.restart.jitter=0s");
		this.broker = this.clinic.getBean(BrokerOperations.class);
		awaitIncarnation(1);
	}

	@AfterEach
	void stop() {
		if (this.clinic != null) {
			this.clinic.close();
		}
	}

	private void awaitIncarnation(long incarnation) {
		Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> this.broker.endpoint("vets").incarnation() == incarnation
				&& this.broker.endpoint("vets").state() == EndpointState.SERVING);
	}

	private String ask(String question) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8).println(question);
			return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
		}
	}

	private List<String> notes() throws Exception {
		return postgres.query("SELECT text FROM notes ORDER BY id");
	}

	@Test
	void servesARowOfTheDatabase() throws Exception {
		assertThat(ask("Leary")).isEqualTo("Helen Leary says miaow!");
		assertThat(ask("Nobody")).isEqualTo("nobody");
		Http http = new Http(this.clinic.getEnvironment().getProperty("local.server.port"));
		assertThat(http.get("broker").body()).contains("\"vets\":{\"state\":\"SERVING\"");
		assertThat(http.get("health").body()).contains("\"status\":\"UP\"");
	}

	@Test
	void closesBeforeTheEntityManagerFactory() throws Exception {
		this.clinic.close();
		assertThat(notes()).hasSize(3)
			.contains("closed incarnation 1", "served until incarnation 1 ended")
			.endsWith("the entities are open until now");
	}

	@Test
	void isRepairedWhenTheDatabaseFailsIt() throws Exception {
		postgres.execute("ALTER TABLE vets RENAME TO hidden");
		assertThat(ask("Leary")).as("the answer of a server that crashed").isNull();
		awaitIncarnation(2);
		assertThat(this.broker.history("vets").get(0).toString()).contains("vets");
		postgres.execute("ALTER TABLE hidden RENAME TO vets");
		assertThat(ask("Carter")).isEqualTo("James Carter says miaow!");
	}

}
