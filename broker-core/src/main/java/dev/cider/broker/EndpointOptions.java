package dev.cider.broker;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;

/**
 * How one endpoint is supervised.
 *
 * @param restartPolicy when it is started again and when it is dropped
 * @param startTimeout how long an incarnation may take from the call of its factory until
 * it serves: until {@link EndpointContext#ready()} with a
 * {@link ContextualEndpointFactory}, else until {@code listenAndServe} is called;
 * {@code null} for no limit
 * @param explicitReady whether its instances will call {@link EndpointContext#ready()}.
 * Until that call the endpoint is {@link EndpointState#STARTING}, and a crash is an error
 * however long the incarnation has run. A start timeout implies this option; without one
 * the time until the call is not limited. Needs a {@link ContextualEndpointFactory}
 * @param heartbeatTimeout how long a serving incarnation may go without
 * {@link EndpointContext#heartbeat()}; {@code null} for no limit. Needs a
 * {@link ContextualEndpointFactory}
 * @param closeTimeout how long a close may take, from when it is asked for, before the
 * threads involved are interrupted; after a further {@code min(closeTimeout, 1 s)} the
 * incarnation is abandoned
 * @param autoStart whether it is started with the broker; if not, it stays
 * {@link EndpointState#REGISTERED} until {@link BrokerOperations#start(String)}
 * @param replaceAbandoned whether an incarnation that does not end in time is replaced.
 * If not, the endpoint stays {@link EndpointState#CLOSING} until that incarnation ends,
 * or until an operator's stop or restart gives it up. Needed where two incarnations must
 * never run at once, since they share an object
 * @param virtualThreads whether its incarnations run on virtual threads where the JVM has
 * them, if the broker has no thread factory of the user. An interrupt ends more blocking
 * calls there, see {@link Endpoint#interruptible(Endpoint.Body)}
 * @param gates what must be open before an incarnation is launched, by the names that are
 * shown, in the order in which they are named as the reason; unmodifiable
 * @param instance which one it is of several endpoints with the same factory
 */
public record EndpointOptions(RestartPolicy restartPolicy, @Nullable Duration startTimeout, boolean explicitReady,
		@Nullable Duration heartbeatTimeout, Duration closeTimeout, boolean autoStart, boolean replaceAbandoned,
		boolean virtualThreads, Map<String, EndpointGate> gates, InstanceNumber instance) {

	private static final EndpointOptions DEFAULTS = builder().build();

	/**
	 * Checks the options.
	 * @param restartPolicy when it is started again
	 * @param startTimeout how long a start may take, or {@code null}
	 * @param explicitReady whether it calls {@link EndpointContext#ready()}
	 * @param heartbeatTimeout the longest time without a heartbeat, or {@code null}
	 * @param closeTimeout how long a close may take
	 * @param autoStart whether it is started with the broker
	 * @param replaceAbandoned whether an incarnation that does not end is replaced
	 * @param virtualThreads whether its incarnations run on virtual threads
	 * @param gates what must be open before an incarnation is launched
	 * @param instance which one it is of several endpoints
	 * @throws IllegalArgumentException if a timeout is not longer than zero, or the name
	 * of a gate is blank
	 */
	public EndpointOptions {
		Objects.requireNonNull(restartPolicy, "restartPolicy must not be null");
		Objects.requireNonNull(closeTimeout, "closeTimeout must not be null");
		Objects.requireNonNull(instance, "instance must not be null");
		requireLongerThanZero("startTimeout", startTimeout);
		requireLongerThanZero("heartbeatTimeout", heartbeatTimeout);
		requireLongerThanZero("closeTimeout", closeTimeout);
		gates = Collections.unmodifiableMap(new LinkedHashMap<>(gates));
		gates.forEach(EndpointOptions::requireNamed);
	}

	private static void requireNamed(String name, EndpointGate gate) {
		Objects.requireNonNull(gate, () -> "gate '" + name + "' must not be null");
		if (name.isBlank()) {
			throw new IllegalArgumentException("Invalid name of a gate '" + name + "': must not be blank");
		}
	}

	private static void requireLongerThanZero(String name, @Nullable Duration timeout) {
		if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
			throw new IllegalArgumentException("Invalid " + name + " (" + timeout + "): must be longer than zero");
		}
	}

	/**
	 * The options of an endpoint that is registered without any.
	 * @return {@link RestartPolicy#defaults()}, a close timeout of 20 s, no start or
	 * heartbeat timeout, started with the broker, replaced when abandoned
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
	 * The endpoints that must have served before this one is started, and that are closed
	 * after it.
	 * @return their ids, in the order of the gates; empty if there are none
	 * @see Builder#dependsOn(String)
	 */
	public List<String> dependsOn() {
		return others(ServedGate.class);
	}

	/**
	 * The ids of the endpoints that must serve, or must have served, before this one is
	 * launched.
	 */
	List<String> waitFor() {
		return others(KnownGate.class);
	}

	private List<String> others(Class<? extends KnownGate> kind) {
		if (this.gates.isEmpty()) {
			return List.of();
		}
		return this.gates.values().stream().filter(kind::isInstance).map((gate) -> kind.cast(gate).id()).toList();
	}

	/**
	 * A builder that starts from these options.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		return builder().restartPolicy(this.restartPolicy)
			.startTimeout(this.startTimeout)
			.explicitReady(this.explicitReady)
			.heartbeatTimeout(this.heartbeatTimeout)
			.closeTimeout(this.closeTimeout)
			.autoStart(this.autoStart)
			.replaceAbandoned(this.replaceAbandoned)
			.virtualThreads(this.virtualThreads)
			.gates(this.gates)
			.instance(this.instance);
	}

	/**
	 * Builds {@link EndpointOptions}. Not thread-safe.
	 */
	public static final class Builder {

		private RestartPolicy restartPolicy = RestartPolicy.defaults();

		private @Nullable Duration startTimeout;

		private boolean explicitReady;

		private @Nullable Duration heartbeatTimeout;

		private Duration closeTimeout = Duration.ofSeconds(20);

		private boolean autoStart = true;

		private boolean replaceAbandoned = true;

		private boolean virtualThreads;

		private Map<String, EndpointGate> gates = new LinkedHashMap<>();

		private InstanceNumber instance = InstanceNumber.ONLY;

		private Builder() {
		}

		/**
		 * Sets when the endpoint is started again and when it is dropped.
		 * @param restartPolicy the policy
		 * @return this builder
		 */
		public Builder restartPolicy(RestartPolicy restartPolicy) {
			this.restartPolicy = restartPolicy;
			return this;
		}

		/**
		 * Sets how long an incarnation may take until it serves.
		 * @param startTimeout the limit, longer than zero; {@code null} for none
		 * @return this builder
		 */
		public Builder startTimeout(@Nullable Duration startTimeout) {
			this.startTimeout = startTimeout;
			return this;
		}

		/**
		 * Sets whether the endpoint is {@link EndpointState#SERVING} only after its
		 * instance says so.
		 * @param explicitReady {@code true} if its instances call
		 * {@link EndpointContext#ready()} once they are connected, bound, subscribed
		 * @return this builder
		 */
		public Builder explicitReady(boolean explicitReady) {
			this.explicitReady = explicitReady;
			return this;
		}

		/**
		 * Sets how long a serving incarnation may go without a heartbeat.
		 * @param heartbeatTimeout the limit, longer than zero; {@code null} for none
		 * @return this builder
		 */
		public Builder heartbeatTimeout(@Nullable Duration heartbeatTimeout) {
			this.heartbeatTimeout = heartbeatTimeout;
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
		 * Sets whether an incarnation that does not end in time is replaced.
		 * @param replaceAbandoned {@code false} to wait until it ends, or until an
		 * operator gives it up
		 * @return this builder
		 */
		public Builder replaceAbandoned(boolean replaceAbandoned) {
			this.replaceAbandoned = replaceAbandoned;
			return this;
		}

		/**
		 * Sets whether the incarnations run on virtual threads where the JVM has them.
		 * @param virtualThreads {@code true} for virtual threads; has no effect if the
		 * broker has a thread factory of the user
		 * @return this builder
		 */
		public Builder virtualThreads(boolean virtualThreads) {
			this.virtualThreads = virtualThreads;
			return this;
		}

		/**
		 * Adds something that must be open before an incarnation is launched. While it is
		 * shut the endpoint is {@link EndpointState#WAITING}: that is no error, and the
		 * one error that finds its gate shut does not count. Endpoints with the same gate
		 * object share its answers.
		 * @param name what it is called in {@link EndpointSnapshot#waitingFor()} and in
		 * the log, not blank; replaces a gate of the same name
		 * @param gate the gate
		 * @return this builder
		 */
		public Builder waitFor(String name, EndpointGate gate) {
			this.gates.put(name, gate);
			return this;
		}

		/**
		 * Sets which one the endpoint is of several that have the same factory, each
		 * registered under an id of its own. Its instances ask for it by
		 * {@link EndpointContext#instance()} and {@link EndpointContext#instances()}; the
		 * broker only keeps it.
		 * @param instance the number of the endpoint among them, from 1 to
		 * {@code instances}
		 * @param instances how many there are
		 * @return this builder
		 * @throws IllegalArgumentException if the number is out of range
		 */
		public Builder instance(int instance, int instances) {
			return instance(new InstanceNumber(instance, instances));
		}

		private Builder instance(InstanceNumber instance) {
			this.instance = instance;
			return this;
		}

		/**
		 * Makes this endpoint depend on another one of the same broker. It is started
		 * when the other one has served for the first time in this broker, or has
		 * {@linkplain EndpointState#FINISHED finished}; a later crash of the other one
		 * leaves it alone. At the end of the broker it is closed first: the other one is
		 * closed when this one has ended or was abandoned. So the longest chain of
		 * endpoints decides how long the end takes. A
		 * {@linkplain BrokerOperations#remove(String) removal} of the other one does not
		 * wait for this one.
		 * @param id the other endpoint's id, not blank; shown as the gate
		 * {@code depends-on/<id>}
		 * @return this builder
		 * @throws IllegalArgumentException if the id is blank
		 */
		public Builder dependsOn(String id) {
			if (id.isBlank()) {
				throw new IllegalArgumentException("Invalid dependsOn ('" + id + "'): must not be blank");
			}
			return waitFor("depends-on/" + id, new ServedGate(id));
		}

		private Builder gates(Map<String, EndpointGate> gates) {
			this.gates = new LinkedHashMap<>(gates);
			return this;
		}

		/**
		 * Builds the options.
		 * @return the options
		 * @throws IllegalArgumentException if an option makes no sense
		 */
		public EndpointOptions build() {
			return new EndpointOptions(this.restartPolicy, this.startTimeout, this.explicitReady, this.heartbeatTimeout,
					this.closeTimeout, this.autoStart, this.replaceAbandoned, this.virtualThreads, this.gates,
					this.instance);
		}

	}

}
