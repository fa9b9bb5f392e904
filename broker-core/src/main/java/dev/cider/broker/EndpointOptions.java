package dev.cider.broker;

import java.time.Duration;
import java.util.Objects;

import dev.cider.broker.restart.RestartPolicy;

/**
 * How one endpoint is supervised.
 *
 * @param restartPolicy when it is started again and when it is given up
 * @param closeTimeout how long a close may take, from when it is asked for, before the
 * threads involved are interrupted; after a further {@code min(closeTimeout, 1 s)} the
 * incarnation is abandoned
 * @param autoStart whether it is started with the broker; if not, it stays
 * {@link EndpointState#REGISTERED} until {@link BrokerOperations#start(String)}
 */
public record EndpointOptions(RestartPolicy restartPolicy, Duration closeTimeout, boolean autoStart) {

	private static final EndpointOptions DEFAULTS = builder().build();

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if {@code closeTimeout} is not longer than zero
	 */
	public EndpointOptions {
		Objects.requireNonNull(restartPolicy, "restartPolicy must not be null");
		Objects.requireNonNull(closeTimeout, "closeTimeout must not be null");
		if (closeTimeout.isNegative() || closeTimeout.isZero()) {
			throw new IllegalArgumentException("Invalid closeTimeout (" + closeTimeout + "): must be longer than zero");
		}
	}

	/**
	 * The options of an endpoint that is registered without any.
	 * @return {@link RestartPolicy#defaults()}, a close timeout of 20 s, started with the
	 * broker
	 */
	public static EndpointOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * A builder that starts from the defaults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Builds {@link EndpointOptions}. Not thread-safe.
	 */
	public static final class Builder {

		private RestartPolicy restartPolicy = RestartPolicy.defaults();

		private Duration closeTimeout = Duration.ofSeconds(20);

		private boolean autoStart = true;

		private Builder() {
		}

		/**
		 * Sets when the endpoint is started again and when it is given up.
		 * @param restartPolicy the policy
		 * @return this builder
		 */
		public Builder restartPolicy(RestartPolicy restartPolicy) {
			this.restartPolicy = restartPolicy;
			return this;
		}

		/**
		 * Sets how long a close may take.
		 * @param closeTimeout the limit, longer than zero
		 * @return this builder
		 */
		public Builder closeTimeout(Duration closeTimeout) {
			this.closeTimeout = closeTimeout;
			return this;
		}

		/**
		 * Sets whether the endpoint is started with the broker.
		 * @param autoStart {@code false} to wait for an operator's start
		 * @return this builder
		 */
		public Builder autoStart(boolean autoStart) {
			this.autoStart = autoStart;
			return this;
		}

		/**
		 * Builds the options.
		 * @return the options
		 * @throws IllegalArgumentException if an option makes no sense
		 */
		public EndpointOptions build() {
			return new EndpointOptions(this.restartPolicy, this.closeTimeout, this.autoStart);
		}

	}

}
