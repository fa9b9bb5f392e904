package dev.cider.broker.engines;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.ConnectorCallback;
import io.debezium.engine.format.Json;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A PostgreSQL server that is killed under Debezium's engine, and one that ends the
 * engine's session.
 */
class DebeziumTests {

	private static PostgresServer server;

	@TempDir
	private Path offsets;

	@BeforeAll
	static void start() throws Exception {
		assumeTrue(PostgresServer.isInstalled(), PostgresServer.MISSING);
		server = new PostgresServer();
		server.execute("CREATE TABLE orders (id serial PRIMARY KEY, item text)");
	}

	@AfterAll
	static void stop() throws Exception {
		if (server != null) {
			server.close();
		}
	}

	/** Each test with a replication slot of its own. */
	private EngineApplication run(String slot) {
		return new EngineApplication("changes", OrderChanges.class, Map.of(), Map.of("debezium", properties(slot)));
	}

	private Properties properties(String slot) {
		Properties debezium = new Properties();
		debezium.put("name", slot);
		debezium.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
		debezium.put("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
		debezium.put("offset.storage.file.filename", this.offsets.resolve("offsets").toString());
		debezium.put("offset.flush.interval.ms", "0");
		debezium.put("topic.prefix", slot);
		debezium.put("plugin.name", "pgoutput");
		debezium.put("slot.name", slot);
		debezium.put("publication.name", slot);
		debezium.put("snapshot.mode", "no_data");
		debezium.put("database.hostname", "127.0.0.1");
		debezium.put("database.port", String.valueOf(server.port()));
		debezium.put("database.user", "postgres");
		debezium.put("database.password", "none");
		debezium.put("database.dbname", "postgres");
		debezium.put("errors.max.retries", "0");
		return debezium;
	}

	private EngineApplication runAndRead(String slot) throws Exception {
		EngineApplication application = run(slot);
		application.awaitServing();
		order(slot + " first");
		application.awaitReceivedWith(slot + " first");
		return application;
	}

	private static void order(String item) throws Exception {
		server.execute("INSERT INTO orders (item) VALUES ('" + item + "')");
	}

	@Test
	void readsOnAfterTheServerWasKilled() throws Exception {
		try (EngineApplication application = runAndRead("kill")) {
			application.outageBegins();
			server.kill();
			application.awaitCrashes(2);
			server.start();
			application.outageEnds();
			order("kill second");
			application.awaitReceivedWith("kill second");
			application.tellRecovery("Debezium: the server is killed");
			assertThat(application.lastCrash().type()).isEqualTo("java.io.IOException");
		}
	}

	/** A change that is made while there is no engine is not lost. */
	@Test
	void readsOnAfterTheServerEndedItsSession() throws Exception {
		try (EngineApplication application = runAndRead("terminate")) {
			application.outageBegins();
			server.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
			application.awaitCrashes(1);
			order("terminate second");
			application.awaitReceivedWith("terminate second");
			application.tellRecovery("Debezium: the server ends the session");
		}
	}

	@Test
	void endsWhileItStarts() {
		try (EngineApplication application = run("starting")) {
			EngineApplication
				.await(() -> server.answers("SELECT FROM pg_replication_slots WHERE slot_name = 'starting'"));
			assertThat(application.endpoint().crashes()).isZero();
		}
	}

	/** Why the endpoint is closed by an interrupt. */
	@Test
	void itsCloseThrowsWhileItStartsAndAfterItHasEnded() throws Exception {
		AtomicReference<DebeziumEngine<?>> itself = new AtomicReference<>();
		AtomicReference<Throwable> thrown = new AtomicReference<>();
		CountDownLatch polling = new CountDownLatch(1);
		DebeziumEngine<?> engine = DebeziumEngine.create(Json.class)
			.using(properties("close"))
			.using(new ConnectorCallback() {
				@Override
				public void taskStarted() {
					thrown.set(catchThrowable(() -> itself.get().close()));
				}

				@Override
				public void pollingStarted() {
					polling.countDown();
				}
			})
			.notifying((change) -> {
			})
			.build();
		itself.set(engine);
		Thread thread = new Thread(engine);
		thread.start();
		polling.await();
		assertThat(thrown.get()).hasMessageContaining("Cannot stop engine while tasks are starting");
		thread.interrupt();
		thread.join();
		assertThat(catchThrowable(engine::close)).hasMessageContaining("already shut down");
	}

}
