package dev.cider.broker.engines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;

import org.springframework.test.util.TestSocketUtils;

/**
 * A Kafka broker, which is its own controller, in a process of its own. It leaves nothing
 * of its data.
 */
final class KafkaServer implements AutoCloseable {

	/** Only ends what would never end: a busy machine needs minutes for seconds. */
	private static final Duration LIMIT = Duration.ofMinutes(4);

	/** The test's own logging is off. */
	private static final List<String> OPTIONS = List.of("-Xmx256m", "-Dlogback.configurationFile=server-logback.xml");

	private final Path directory = Files.createTempDirectory("kafka");

	private final int port = TestSocketUtils.findAvailableTcpPort();

	private final Path configuration = this.directory.resolve("server.properties");

	private JavaProcess server;

	KafkaServer() throws Exception {
		int controller = TestSocketUtils.findAvailableTcpPort();
		Files.writeString(this.configuration, """
				process.roles=broker,controller
				node.id=1
				controller.quorum.voters=1@localhost:%d
				listeners=PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d
				controller.listener.names=CONTROLLER
				log.dirs=%s
				offsets.topic.num.partitions=1
				offsets.topic.replication.factor=1
				group.initial.rebalance.delay.ms=0
				auto.create.topics.enable=false
				""".formatted(controller, this.port, controller, this.directory.resolve("data")));
		try (JavaProcess formatting = new JavaProcess(OPTIONS, "kafka.tools.StorageTool", "format", "-t",
				"J8qXRwI-Qyi2G0guFTiuYw", "-c", this.configuration.toString())) {
			formatting.awaitOutput("Formatting");
			formatting.awaitEnd();
		}
		start();
	}

	/** Returns when the broker serves. */
	void start() throws IOException {
		this.server = new JavaProcess(OPTIONS, "kafka.Kafka", this.configuration.toString());
		this.server.awaitOutput("Kafka Server started");
	}

	/** As {@code kill -9} does. */
	void kill() throws IOException {
		this.server.close();
	}

	String address() {
		return "localhost:" + this.port;
	}

	void createTopics(Collection<String> names) throws InterruptedException, ExecutionException {
		try (Admin admin = admin()) {
			admin.createTopics(names.stream().map((name) -> new NewTopic(name, 1, (short) 1)).toList()).all().get();
		}
	}

	/** Returns when the topic is gone. */
	void deleteTopic(String name) throws InterruptedException, ExecutionException {
		try (Admin admin = admin()) {
			admin.deleteTopics(List.of(name)).all().get();
			Awaitility.await().atMost(LIMIT).until(() -> !admin.listTopics().names().get().contains(name));
		}
	}

	private Admin admin() {
		return Admin.create(Map.of("bootstrap.servers", address()));
	}

	@Override
	public void close() throws IOException {
		kill();
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

}
