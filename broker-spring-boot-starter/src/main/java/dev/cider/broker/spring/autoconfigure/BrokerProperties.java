package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.metrics.PerEndpointMeters;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of the broker; those of its endpoints are {@link EndpointProperties}.
 *
 * @param enabled Whether to supervise endpoints at all.
 * @param lifecycle When the broker starts and stops.
 * @param historySize How many crashes to remember for each endpoint.
 * @param threads Kind of threads that endpoints run on.
 * @param propagateContext Whether endpoints have the thread-locals of the thread that
 * starts the broker. Needs Micrometer's context propagation.
 * @param metrics Which meters there are.
 */
@ConfigurationProperties("broker")
record BrokerProperties(@DefaultValue("true") boolean enabled, @DefaultValue Lifecycle lifecycle,
		@DefaultValue("20") int historySize, @DefaultValue("auto") Threads threads,
		@DefaultValue("false") boolean propagateContext, @DefaultValue Metrics metrics) {

	/**
	 * When the broker starts and stops.
	 *
	 * @param phase Phase in which the broker starts and stops. By default it starts
	 * before the web server opens its port, and stops after the server has drained.
	 * @param autoStartup Whether the broker starts with the application.
	 */
	record Lifecycle(@DefaultValue("2147479551") int phase, @DefaultValue("true") boolean autoStartup) {
	}

	/**
	 * Which meters there are.
	 *
	 * @param perEndpoint Whether each endpoint has meters of its own. By default only if
	 * there are at most 1,000 endpoints. The totals over all endpoints are always there.
	 */
	record Metrics(@DefaultValue("auto") PerEndpointMeters perEndpoint) {
	}

	/**
	 * Kind of threads that endpoints run on.
	 */
	enum Threads {

		/**
		 * Virtual threads if {@code spring.threads.virtual.enabled} is set, else platform
		 * threads; for supervised methods always virtual threads, where the JVM has them.
		 */
		AUTO,

		/** Platform threads. */
		PLATFORM,

		/** Virtual threads, on Java 21 and later. */
		VIRTUAL

	}

}
