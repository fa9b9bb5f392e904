package dev.cider.broker.sample.load;

import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Locale;

import com.sun.management.ThreadMXBean;
import dev.cider.broker.Broker;
import dev.cider.broker.spring.metrics.BrokerMetrics;
import dev.cider.broker.spring.metrics.PerEndpointMeters;
import dev.cider.broker.spring.metrics.RecoveryTimer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

/**
 * What a scrape by Prometheus takes, with meters for each endpoint and with totals only:
 * series, size, time, bytes allocated, and the heap that the meters keep. No part of the
 * build, for it asserts nothing: run it by its name.
 */
class ScrapeMeasurement {

	private static final int SCRAPES = 25;

	@Test
	void scrapes() {
		for (int endpoints : new int[] { 1000, 10_000 }) {
			for (PerEndpointMeters perEndpoint : new PerEndpointMeters[] { PerEndpointMeters.TRUE,
					PerEndpointMeters.FALSE }) {
				measure(endpoints, perEndpoint);
			}
		}
	}

	/** Endpoints that are registered only: a scrape reads them as it reads others. */
	private static void measure(int endpoints, PerEndpointMeters perEndpoint) {
		Broker broker = Broker.create();
		for (int i = 0; i < endpoints; i++) {
			broker.registerEndpointFactory("endpoint-" + i, () -> {
				throw new IllegalStateException("never started");
			});
		}
		long before = live();
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		BrokerMetrics metrics = new BrokerMetrics(broker, perEndpoint);
		RecoveryTimer recovery = new RecoveryTimer(broker, perEndpoint);
		metrics.bindTo(registry);
		recovery.bindTo(registry);
		long heap = live() - before;
		String scrape = registry.scrape();
		double[] millis = new double[SCRAPES];
		long bytes = 0;
		for (int i = 0; i < SCRAPES; i++) {
			long allocated = allocated();
			long begin = System.nanoTime();
			scrape = registry.scrape();
			millis[i] = (System.nanoTime() - begin) / 1e6;
			bytes = allocated() - allocated;
		}
		Arrays.sort(millis);
		System.out.printf(Locale.ROOT,
				"%,6d endpoints, %-5s: %,7d series, %,9d B, %6.2f ms, %,11d B allocated, %,11d B of heap%n", endpoints,
				(perEndpoint == PerEndpointMeters.TRUE) ? "each" : "total",
				scrape.lines().filter((line) -> !line.startsWith("#")).count(), scrape.length(), millis[SCRAPES / 2],
				bytes, heap);
		// Registries hold weakly what they read.
		Reference.reachabilityFence(metrics);
		Reference.reachabilityFence(recovery);
	}

	private static long allocated() {
		return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
	}

	private static long live() {
		System.gc();
		Runtime runtime = Runtime.getRuntime();
		return runtime.totalMemory() - runtime.freeMemory();
	}

}
