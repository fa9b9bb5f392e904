package dev.cider.broker.engines;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with one engine, which hands what it receives to the test.
 */
final class EngineApplication implements AutoCloseable {

	/** Only ends what would never end: a busy machine needs minutes for seconds. */
	private static final Duration LIMIT = Duration.ofMinutes(4);

	/**
	 * An engine that takes longer was not closed but interrupted or abandoned.
	 */
	private static final Duration CLOSE_TIMEOUT = EndpointOptions.defaults().closeTimeout();

	private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

	private final ConfigurableApplicationContext context;

	private final BrokerOperations broker;

	private final String id;

	private volatile String refused;

	private Instant began = Instant.now();

	private long gone;

	/**
	 * Starts the application.
	 * @param id of the engine's endpoint
	 * @param engine its bean
	 * @param properties that it needs, beside those of the document
	 * @param beans that it injects by name, beside the receiver
	 */
	EngineApplication(String id, Class<?> engine, Map<String, ?> properties, Map<String, ?> beans) {
		this.id = id;
		Consumer<String> receiver = this::receive;
		this.context = new SpringApplicationBuilder(Wiring.class, engine).web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off")
			.properties(Document.properties(id))
			.properties(Map.<String, Object>copyOf(properties))
			.initializers((context) -> register((GenericApplicationContext) context, receiver, beans))
			.run();
		this.broker = this.context.getBean(BrokerOperations.class);
	}

	private static void register(GenericApplicationContext context, Consumer<String> receiver, Map<String, ?> beans) {
		context.getBeanFactory().registerSingleton("receiver", receiver);
		beans.forEach(context.getBeanFactory()::registerSingleton);
	}

	EndpointSnapshot endpoint() {
		return this.broker.endpoint(this.id);
	}

	CrashSummary lastCrash() {
		return this.broker.history(this.id).get(0);
	}

	void awaitServing() {
		await(() -> endpoint().state() == EndpointState.SERVING);
	}

	void awaitCrashes(long crashes) {
		await(() -> endpoint().crashes() >= crashes);
	}

	static void await(Callable<Boolean> condition) {
		Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).ignoreExceptions().until(condition);
	}

	void awaitReceived(String expected) throws InterruptedException {
		String received = this.received.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
		assertThat(received).as("what %s received, after %s", this.id, this.broker.history(this.id))
			.isEqualTo(expected);
	}

	/** Skips what else is received: an engine may tell a change twice. */
	void awaitReceivedWith(String part) throws InterruptedException {
		String received = "";
		while (!received.contains(part)) {
			received = this.received.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
			assertThat(received).as("what %s received, after %s", this.id, this.broker.history(this.id)).isNotNull();
		}
	}

	/** Waits for anything that is sent from now on. */
	void awaitMore() {
		this.received.clear();
		await(() -> !this.received.isEmpty());
	}

	/** The engine's receiver throws once, as a bug does, when it is handed this. */
	void failNext(String text) {
		this.refused = text;
	}

	private void receive(String text) {
		if (text.equals(this.refused)) {
			this.refused = null;
			throw new IllegalStateException("refused: " + text);
		}
		this.received.add(text);
	}

	/** To be called just before what is going to fail fails. */
	void outageBegins() {
		this.began = Instant.now();
		this.gone = System.nanoTime();
	}

	/** To be called as soon as nothing is in the way of the engine any more. */
	void outageEnds() {
		this.gone = System.nanoTime();
	}

	/** For the table of the document. */
	void tellRecovery(String what) {
		long back = Duration.ofNanos(System.nanoTime() - this.gone).toMillis();
		List<CrashSummary> crashes = this.broker.history(this.id);
		String how = "no crash";
		if (!crashes.isEmpty()) {
			CrashSummary first = crashes.get(crashes.size() - 1);
			how = first.type() + ": " + first.message() + ", phase " + first.phase() + " | "
					+ Duration.between(this.began, first.at()).toMillis() + " ms";
		}
		System.out.println(what + " | " + how + " | " + back + " ms after " + crashes.size() + " crashes");
	}

	/** Stops the endpoint as an operator does. */
	void stop() {
		this.broker.stop(this.id);
		await(() -> endpoint().state() == EndpointState.STOPPED);
	}

	/**
	 * Stops the endpoint as an operator does, then the application.
	 */
	@Override
	public void close() {
		try {
			EndpointSnapshot before = endpoint();
			long asked = System.nanoTime();
			stop();
			assertThat(System.nanoTime() - asked).as("how long the close took").isLessThan(CLOSE_TIMEOUT.toNanos());
			assertThat(endpoint().crashes()).isEqualTo(before.crashes());
			assertThat(endpoint().abandoned()).isZero();
		}
		finally {
			this.context.close();
		}
	}

	@EnableAutoConfiguration
	static class Wiring {

	}

}
