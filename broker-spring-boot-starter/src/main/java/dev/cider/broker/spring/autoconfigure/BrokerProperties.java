package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.cider.broker.GroupStrategy;
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
 * @param gate How often is asked for what endpoints wait for.
 * @param restart How many endpoints may be started at once.
 * @param addedEndpoints Ids of endpoints that the application adds while it runs, for
 * which there may be settings below "broker.endpoints". A star stands for any characters,
 * as in "tenant-*".
 * @param groups Groups of endpoints that start in order and fail together, by name.
 */
@ConfigurationProperties("broker")
record BrokerProperties(@DefaultValue("true") boolean enabled, @DefaultValue Lifecycle lifecycle,
		@DefaultValue("20") int historySize, @DefaultValue("auto") Threads threads,
		@DefaultValue("false") boolean propagateContext, @DefaultValue Metrics metrics, @DefaultValue Gate gate,
		@DefaultValue Restart restart, @DefaultValue List<String> addedEndpoints,
		@DefaultValue Map<String, Group> groups) {

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
	 * How often is asked for what endpoints wait for.
	 *
	 * @param pollInterval How long after an answer to ask again, while an endpoint waits.
	 * @param timeout How long an answer may take. A later one counts as no.
	 * @param evict Whether an endpoint that serves is closed when what it waited for is
	 * gone. Costs a question each interval, for as long as it serves.
	 */
	record Gate(@DefaultValue("2s") Duration pollInterval, @DefaultValue("5s") Duration timeout,
			@DefaultValue("false") boolean evict) {
	}

	/**
	 * How many endpoints may be started at once.
	 *
	 * @param maxConcurrent How many endpoints may be STARTING at once: at least 1, or
	 * "unlimited". The others wait for their turn. An operator's start does not.
	 */
	record Restart(@DefaultValue("unlimited") String maxConcurrent) {
	}

	/**
	 * Endpoints that start in order and fail together.
	 *
	 * @param members Names of the endpoints, in the order in which they start. At least
	 * two. They are closed in the reverse order.
	 * @param strategy What happens to the others when a member has failed: nothing, or
	 * those after it are closed too, or all.
	 */
	record Group(@DefaultValue List<String> members, @DefaultValue("one-for-one") GroupStrategy strategy) {
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
