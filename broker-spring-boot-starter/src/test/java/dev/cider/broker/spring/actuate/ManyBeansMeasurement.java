package dev.cider.broker.spring.actuate;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/**
 * What the starter adds to thousands of endpoints that are beans: a refresh beside that
 * of the same beans unsupervised, the meters, and {@code GET /actuator/broker}. No part
 * of the build, for it asserts nothing: run it by its name. {@code -Dmeasure.beans=} and
 * {@code -Dmeasure.rounds=} for how many and how often.
 */
class ManyBeansMeasurement {

	private static final int BEANS = Integer.getInteger("measure.beans", 10_000);

	private static final int ROUNDS = Integer.getInteger("measure.rounds", 5);

	private static final int REQUESTS = 20;

	@Test
	@Timeout(value = 1, unit = TimeUnit.HOURS)
	void manyBeans() {
		refresh(Math.min(BEANS, 1000), true).close();
		refresh(Math.min(BEANS, 1000), false).close();
		Round[] rounds = new Round[ROUNDS];
		for (int i = 0; i < ROUNDS; i++) {
			rounds[i] = round();
		}
		print("refresh, supervised", "ms", rounds, 0);
		print("refresh, the same beans unsupervised", "ms", rounds, 1);
		print("refresh, until all serve", "ms", rounds, 2);
		print("GET /actuator/broker, first", "ms", rounds, 3);
		print("GET /actuator/broker", "ms", rounds, 4);
		print("GET /actuator/broker", "MB", rounds, 5);
		print("GET /actuator/health", "ms", rounds, 6);
		print("broker meters", "meters", rounds, 7);
		print("reading all of them", "ms", rounds, 8);
		print("close", "ms", rounds, 9);
	}

	private static Round round() {
		long begin = System.nanoTime();
		ConfigurableApplicationContext unsupervised = refresh(BEANS, false);
		double plain = millisSince(begin);
		unsupervised.close();
		Idle.allServe = new CountDownLatch(BEANS);
		begin = System.nanoTime();
		ConfigurableApplicationContext application = refresh(BEANS, true);
		double refreshed = millisSince(begin);
		awaitAll();
		double served = millisSince(begin);
		Http http = new Http(application.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
		double first = millis(() -> http.get("/broker"));
		double get = median(
				IntStream.range(0, REQUESTS).mapToDouble((i) -> millis(() -> http.get("/broker"))).toArray());
		double size = http.get("/broker").body().length() / 1e6;
		double health = median(
				IntStream.range(0, REQUESTS).mapToDouble((i) -> millis(() -> http.get("/health"))).toArray());
		MeterRegistry meters = application.getBean(MeterRegistry.class);
		double count = meters.getMeters().stream().filter(ManyBeansMeasurement::isOurs).count();
		double read = millis(() -> meters.getMeters()
			.stream()
			.filter(ManyBeansMeasurement::isOurs)
			.forEach((meter) -> meter.measure().forEach(Measurement::getValue)));
		begin = System.nanoTime();
		application.close();
		return new Round(refreshed, plain, served, first, get, size, health, count, read, millisSince(begin));
	}

	private static boolean isOurs(Meter meter) {
		return meter.getId().getName().startsWith("broker.");
	}

	private static ConfigurableApplicationContext refresh(int beans, boolean supervised) {
		return new SpringApplicationBuilder(Application.class)
			.properties("server.port=0", "management.endpoints.web.exposure.include=broker,health",
					"spring.threads.virtual.enabled=" + (Runtime.version().feature() >= 21))
			.initializers((context) -> register((GenericApplicationContext) context, beans, supervised))
			.run();
	}

	private static void register(GenericApplicationContext context, int beans, boolean supervised) {
		for (int i = 0; i < beans; i++) {
			RootBeanDefinition factory = new RootBeanDefinition(EndpointFactory.class, () -> Idle::new);
			if (supervised) {
				factory.addQualifier(new AutowireCandidateQualifier(Supervised.class));
			}
			context.registerBeanDefinition("endpoint" + i, factory);
		}
	}

	private static void awaitAll() {
		try {
			Idle.allServe.await();
		}
		catch (InterruptedException interrupted) {
			throw new IllegalStateException(interrupted);
		}
	}

	private static double millis(Runnable task) {
		long begin = System.nanoTime();
		task.run();
		return millisSince(begin);
	}

	private static double millisSince(long begin) {
		return (System.nanoTime() - begin) / 1e6;
	}

	private static double median(double[] values) {
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		return sorted[sorted.length / 2];
	}

	private static void print(String what, String unit, Round[] rounds, int figure) {
		double[] values = Arrays.stream(rounds).mapToDouble((round) -> round.figures()[figure]).toArray();
		System.out.printf(Locale.ROOT, "%-40s %10.1f %s%n", what, median(values), unit);
	}

	private record Round(double... figures) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	private static final class Idle implements Endpoint {

		private static volatile CountDownLatch allServe = new CountDownLatch(0);

		private final CountDownLatch closed = new CountDownLatch(1);

		@Override
		public void listenAndServe() throws InterruptedException {
			allServe.countDown();
			this.closed.await();
		}

		@Override
		public void close() {
			this.closed.countDown();
		}

	}

}
