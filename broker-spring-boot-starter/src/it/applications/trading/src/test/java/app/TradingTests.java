package app;

import java.time.Duration;
import java.util.concurrent.Callable;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Endpoints that use what an application has: settings, caches, security, asynchronous and
 * scheduled methods, channels, a scope of its own, Kafka beside.
 */
class TradingTests {

	private static ConfigurableApplicationContext context;

	private static BrokerOperations broker;

	@BeforeAll
	static void start() {
		context = SpringApplication.run(Trading.class);
		broker = context.getBean(BrokerOperations.class);
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	private static void await(Callable<Boolean> condition) {
		Awaitility.await().atMost(Duration.ofMinutes(4)).until(condition);
	}

	private static void awaitServing(String id, long incarnation) {
		await(() -> broker.endpoint(id).incarnation() == incarnation
				&& broker.endpoint(id).state() == EndpointState.SERVING);
	}

	private static void order(String symbol) {
		context.getBean(QueueChannel.class).send(new GenericMessage<>(symbol));
	}

	@Test
	void anEndpointWorksThroughTheProxiesOfOtherBeans() {
		Orders orders = context.getBean(Orders.class);
		order("IBM");
		order("IBM");
		await(() -> orders.handled().size() == 2);
		assertThat(orders.handled()).allSatisfy((order) -> assertThat(order).startsWith("IBM at 3 stamped filed on ")
			.doesNotContain("broker-"));
		assertThat(context.getBean(PriceSource.class).asked()).as("asked, with a cache before it").isOne();
		order("none such");
		awaitServing("desk", 2);
		order("IBM");
		await(() -> orders.handled().size() == 3);
	}

	@Test
	void whatAnEndpointMayDoNobodyElseMay() {
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
			.isThrownBy(() -> context.getBean(Clerk.class).stamp("order"));
	}

	@Test
	void aScheduledMethodSeesTheEndpoints() {
		Watch watch = context.getBean(Watch.class);
		await(() -> watch.seen().contains("door SERVING"));
	}

	@Test
	void aFactoryOfARefreshedScopeIsAskedAnew() {
		awaitServing("rates", 1);
		context.getBean(RefreshScope.class).refresh();
		broker.restart("rates");
		awaitServing("rates", 2);
		assertThat(broker.endpoint("rates").crashes()).as("crashes").isZero();
	}

	@Test
	void kafkaStandsBesideIt() {
		awaitServing("publisher", 1);
		assertThat(context.getBean(KafkaListenerEndpointRegistry.class).getListenerContainer("ticks")).isNotNull();
	}

}
