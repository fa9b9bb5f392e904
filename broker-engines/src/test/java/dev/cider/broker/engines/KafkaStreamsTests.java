package dev.cider.broker.engines;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

import dev.cider.broker.EndpointState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Kafka broker that is killed, and a topic that is deleted.
 */
class KafkaStreamsTests {

	private static KafkaServer server;

	@TempDir
	private Path states;

	@BeforeAll
	static void start() throws Exception {
		server = new KafkaServer();
		server.createTopics(List.of("orders", "totals"));
	}

	@AfterAll
	static void stop() throws Exception {
		server.close();
	}

	/** The sum of the orders of each customer. */
	private static Topology topology() {
		StreamsBuilder builder = new StreamsBuilder();
		builder.<String, String>stream("orders")
			.groupByKey()
			.reduce((total, order) -> String.valueOf(Integer.parseInt(total) + Integer.parseInt(order)))
			.toStream()
			.to("totals");
		return builder.build();
	}

	/** With an application id of its own, so that the tests do not add to each other. */
	private EngineApplication run(String customer) throws Exception {
		Properties kafka = new Properties();
		kafka.put("bootstrap.servers", server.address());
		kafka.put("application.id", customer);
		kafka.put("state.dir", this.states.toString());
		kafka.put("default.key.serde", Serdes.StringSerde.class);
		kafka.put("default.value.serde", Serdes.StringSerde.class);
		kafka.put("dsl.store.suppliers.class", BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
		kafka.put("commit.interval.ms", 100);
		kafka.put("session.timeout.ms", 6000);
		EngineApplication application = new EngineApplication("totals", OrderTotals.class, Map.of(),
				Map.of("topology", topology(), "kafka", kafka));
		application.awaitServing();
		order(customer, 3);
		awaitTotal(customer, 3);
		return application;
	}

	private static void order(String customer, int amount) throws Exception {
		try (KafkaProducer<String, String> producer = new KafkaProducer<>(
				Map.of("bootstrap.servers", server.address(), "client.id", "test"), new StringSerializer(),
				new StringSerializer())) {
			producer.send(new ProducerRecord<>("orders", customer, String.valueOf(amount))).get();
		}
	}

	private static void awaitTotal(String customer, int total) {
		try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", server.address()),
				new StringDeserializer(), new StringDeserializer())) {
			List<TopicPartition> partitions = List.of(new TopicPartition("totals", 0));
			consumer.assign(partitions);
			consumer.seekToBeginning(partitions);
			Set<String> totals = new HashSet<>();
			EngineApplication.await(() -> {
				consumer.poll(Duration.ofMillis(100)).forEach((record) -> totals.add(record.key() + record.value()));
				return totals.contains(customer + total);
			});
		}
	}

	@Test
	void startsAgainWhenItsTopicIsThereAgain() throws Exception {
		try (EngineApplication application = run("alice")) {
			application.outageBegins();
			server.deleteTopic("orders");
			application.awaitCrashes(2);
			assertThat(application.lastCrash().message()).contains("MissingSourceTopicException");
			server.createTopics(List.of("orders"));
			application.outageEnds();
			application.awaitServing();
			order("alice", 4);
			awaitTotal("alice", 7);
			application.tellRecovery("Kafka Streams: its topic is deleted");
		}
	}

	/** The clients of Kafka connect again by themselves, without an end. */
	@Test
	void goesOnAfterTheBrokerOfKafkaWasKilled() throws Exception {
		try (EngineApplication application = run("bob")) {
			application.outageBegins();
			server.kill();
			server.start();
			application.outageEnds();
			order("bob", 4);
			awaitTotal("bob", 7);
			application.tellRecovery("Kafka Streams: the broker of Kafka is killed");
			assertThat(application.endpoint().crashes()).isZero();
			assertThat(application.endpoint().state()).isEqualTo(EndpointState.SERVING);
		}
	}

}
