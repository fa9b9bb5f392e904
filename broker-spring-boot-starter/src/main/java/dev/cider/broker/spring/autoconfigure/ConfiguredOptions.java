package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.cider.broker.EndpointOptions;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.FatalExceptions;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.util.ClassUtils;

/**
 * Converts the properties of one endpoint to options. Refuses an invalid value with a
 * message that names its key.
 */
final class ConfiguredOptions {

	private static final String UNLIMITED = "unlimited";

	private static final String NAME_A_THROWABLE = "Name classes on the class path that extend java.lang.Throwable, "
			+ "with their packages, for example java.net.BindException.";

	private static final Bindable<Duration> DURATION = Bindable.of(Duration.class);

	private final EndpointProperties shared;

	private final EndpointKeys keys;

	private final ContextAccess context;

	private final @Nullable ClassLoader classLoader;

	/**
	 * The options of one endpoint.
	 * @param context whether its instances get an EndpointContext: the shared start and
	 * heartbeat timeouts apply only to such endpoints
	 */
	ConfiguredOptions(EndpointProperties shared, EndpointKeys keys, ContextAccess context,
			@Nullable ClassLoader classLoader) {
		this.shared = shared;
		this.keys = keys;
		this.context = context;
		this.classLoader = classLoader;
	}

	EndpointOptions.Builder toBuilder() {
		Duration closeTimeout = this.keys.get("close-timeout", DURATION, this.shared.closeTimeout());
		requireLongerThanZero("close-timeout", closeTimeout);
		return EndpointOptions.builder()
			.restartPolicy(restartPolicy())
			.startTimeout(startTimeout())
			.explicitReady(explicitReady())
			.heartbeatTimeout(heartbeatTimeout())
			.closeTimeout(closeTimeout)
			.autoStart(this.keys.get("auto-start", Bindable.of(Boolean.class), this.shared.autoStart()));
	}

	/**
	 * The options that the application has given to an endpoint, changed by what its keys
	 * set. The shared properties must be {@linkplain EndpointProperties#of those of the
	 * given options}.
	 */
	EndpointOptions.Builder changing(EndpointOptions given) {
		EndpointOptions set = toBuilder().build();
		RestartPolicy policy = set.restartPolicy();
		boolean fatal = this.keys.own("restart.fatal-exceptions", Bindable.listOf(String.class)).isPresent();
		return given.toBuilder()
			.restartPolicy(fatal ? policy : policy.toBuilder().fatal(given.restartPolicy().fatal()).build())
			.startTimeout(this.keys.isSet("start-timeout") ? set.startTimeout() : given.startTimeout())
			.explicitReady(this.keys.isSet("explicit-ready") ? set.explicitReady() : given.explicitReady())
			.heartbeatTimeout(this.keys.isSet("heartbeat-timeout") ? set.heartbeatTimeout() : given.heartbeatTimeout())
			.closeTimeout(set.closeTimeout())
			.autoStart(set.autoStart());
	}

	/**
	 * What the endpoint waits for before it is launched.
	 */
	List<WaitFor> waitFor() {
		List<String> elements = this.keys.get(WaitFor.KEY, Bindable.listOf(String.class), this.shared.waitFor());
		List<WaitFor> all = new ArrayList<>();
		for (int i = 0; i < elements.size(); i++) {
			String key = this.keys.keyOfElement(WaitFor.KEY, i);
			WaitFor waitFor = WaitFor.of(elements.get(i), key);
			if (waitFor == null) {
				throw this.keys.refuse(key, elements.get(i), WaitFor.rule());
			}
			all.add(waitFor);
		}
		return all;
	}

	/**
	 * The endpoints that the endpoint depends on. No shared value can say that: it would
	 * hold for the others, too.
	 */
	List<WaitFor> dependsOn() {
		List<String> elements = this.keys.own(WaitFor.DEPENDS_ON, Bindable.listOf(String.class), List.of());
		List<WaitFor> all = new ArrayList<>();
		for (int i = 0; i < elements.size(); i++) {
			String id = elements.get(i).strip();
			String key = this.keys.keyOfElement(WaitFor.DEPENDS_ON, i);
			if (id.isEmpty()) {
				throw this.keys.refuse(key, elements.get(i), "must name endpoints, as cache, database");
			}
			all.add(WaitFor.dependency(id, key));
		}
		return all;
	}

	/**
	 * Refuses a value for all endpoints.
	 */
	void requireNoSharedDependency() {
		List<String> shared = this.keys.get(WaitFor.DEPENDS_ON, Bindable.listOf(String.class), this.shared.dependsOn());
		if (!shared.isEmpty()) {
			String key = this.keys.keyOfElement(WaitFor.DEPENDS_ON, 0);
			throw this.keys.refuse(key, String.join(", ", shared),
					"not all endpoints can depend on the same one, for it cannot depend on itself",
					"Write it below 'broker.endpoints.<id>' of each endpoint that depends on others, or in a config"
							+ " that only those name as their base-config.");
		}
	}

	DropEffect dropEffect() {
		return new DropEffect(this.keys.get("critical", Bindable.of(Boolean.class), this.shared.critical()),
				this.keys.get("on-drop", Bindable.of(OnDrop.class), this.shared.onDrop()));
	}

	DownWhen downWhen() {
		return this.keys.get("health.down-when", Bindable.of(DownWhen.class), this.shared.health().downWhen());
	}

	/**
	 * The name of the endpoint's own base config, or else of that of all endpoints; empty
	 * for none.
	 */
	String baseConfig() {
		String name = this.keys.own("base-config", Bindable.of(String.class), "").strip();
		String shared = (this.shared.baseConfig() != null) ? this.shared.baseConfig() : "";
		return name.isEmpty() ? shared.strip() : name;
	}

	/**
	 * The call of a method follows its creation at once: without a context, a start
	 * timeout has nothing to limit. A factory may take its time.
	 */
	private @Nullable Duration startTimeout() {
		Duration timeout = limit("start-timeout", this.shared.startTimeout());
		if (timeout != null && this.context == ContextAccess.METHOD_WITHOUT) {
			throw withoutContext("start-timeout", timeout, "ready()");
		}
		return timeout;
	}

	private boolean explicitReady() {
		Bindable<Boolean> type = Bindable.of(Boolean.class);
		boolean explicit = this.context.isGiven() ? this.keys.get("explicit-ready", type, this.shared.explicitReady())
				: this.keys.own("explicit-ready", type, false);
		if (explicit && !this.context.isGiven()) {
			throw withoutContext("explicit-ready", true, "ready()");
		}
		return explicit;
	}

	private @Nullable Duration heartbeatTimeout() {
		Duration timeout = limit("heartbeat-timeout", this.shared.heartbeatTimeout());
		if (timeout != null && !this.context.isGiven()) {
			throw withoutContext("heartbeat-timeout", timeout, "heartbeat()");
		}
		return timeout;
	}

	private InvalidBrokerPropertyException withoutContext(String key, Object value, String call) {
		return this.keys.refuse(key, value, "the endpoint has no EndpointContext, so it cannot call " + call,
				this.context.remedy(call) + ", or remove '" + this.keys.name(key) + "'.");
	}

	private @Nullable Duration limit(String key, @Nullable Duration sharedLimit) {
		Duration bound = (sharedLimit != null) ? sharedLimit : Duration.ZERO;
		return positive(key, this.context.isGiven() ? this.keys.get(key, DURATION, bound)
				: this.keys.own(key, DURATION, Duration.ZERO));
	}

	/** Zero means "off". */
	private @Nullable Duration positive(String key, Duration value) {
		requireNotNegative(key, value);
		return value.isZero() ? null : value;
	}

	private RestartPolicy restartPolicy() {
		Duration errorWindow = this.keys.get("restart.error-window", DURATION, this.shared.restart().errorWindow());
		requireLongerThanZero("restart.error-window", errorWindow);
		return RestartPolicy.builder()
			.mode(this.keys.get("restart.mode", Bindable.of(RestartMode.class), this.shared.restart().mode()))
			.allowedConsecutiveErrors(allowedConsecutiveErrors())
			.errorWindow(errorWindow)
			.backoff(backoff())
			.fatal(fatalExceptions())
			.reviveAfter(positive("restart.revive-after",
					this.keys.get("restart.revive-after", DURATION, this.shared.restart().reviveAfter())))
			.build();
	}

	private int allowedConsecutiveErrors() {
		String key = "restart.allowed-consecutive-errors";
		String value = this.keys.get(key, Bindable.of(String.class), this.shared.restart().allowedConsecutiveErrors())
			.strip();
		if (UNLIMITED.equalsIgnoreCase(value)) {
			return RestartPolicy.UNLIMITED;
		}
		try {
			int allowed = Integer.parseInt(value);
			if (allowed > 0) {
				return allowed;
			}
		}
		catch (NumberFormatException ex) {
			// Refused below, with the same words as a number that is too small.
		}
		throw this.keys.refuse(key, value, "must be a number of at least 1, or \"" + UNLIMITED + "\"");
	}

	private Backoff backoff() {
		EndpointProperties.Restart restart = this.shared.restart();
		Duration delay = this.keys.get("restart.delay", DURATION, restart.delay());
		Duration maxDelay = this.keys.get("restart.max-delay", DURATION, restart.maxDelay());
		Duration jitter = this.keys.get("restart.jitter", DURATION, restart.jitter());
		double multiplier = this.keys.get("restart.multiplier", Bindable.of(Double.class), restart.multiplier());
		requireNotNegative("restart.delay", delay);
		requireNotNegative("restart.jitter", jitter);
		if (!(multiplier >= 1 && Double.isFinite(multiplier))) {
			throw this.keys.refuse("restart.multiplier", multiplier, "must be a number of at least 1");
		}
		if (maxDelay.compareTo(delay) < 0) {
			throw crossed(delay, maxDelay);
		}
		return new Backoff(delay, multiplier, maxDelay, jitter);
	}

	/**
	 * Names the key that is set, not the one that has its default value.
	 */
	private InvalidBrokerPropertyException crossed(Duration delay, Duration maxDelay) {
		if (this.keys.isSet("restart.max-delay")) {
			return this.keys.refuse("restart.max-delay", maxDelay,
					"must not be below " + this.keys.name("restart.delay") + " (" + delay + ")");
		}
		return this.keys.refuse("restart.delay", delay,
				"must not be above " + this.keys.name("restart.max-delay") + " (" + maxDelay + ")");
	}

	private FatalExceptions fatalExceptions() {
		List<String> names = this.keys.get("restart.fatal-exceptions", Bindable.listOf(String.class),
				this.shared.restart().fatalExceptions());
		List<Class<? extends Throwable>> types = new ArrayList<>();
		for (int i = 0; i < names.size(); i++) {
			// An element of a list may have its own key.
			String element = "restart.fatal-exceptions[" + i + "]";
			types.add(fatalException(this.keys.isSet(element) ? element : "restart.fatal-exceptions", names.get(i)));
		}
		return new FatalExceptions(types);
	}

	private Class<? extends Throwable> fatalException(String key, String name) {
		Class<?> type;
		try {
			type = ClassUtils.forName(name, this.classLoader);
		}
		catch (ClassNotFoundException | LinkageError ex) {
			throw this.keys.refuse(key, name, "there is no class '" + name + "'", NAME_A_THROWABLE);
		}
		if (!Throwable.class.isAssignableFrom(type)) {
			throw this.keys.refuse(key, name, "'" + name + "' is not a Throwable", NAME_A_THROWABLE);
		}
		return type.asSubclass(Throwable.class);
	}

	private void requireLongerThanZero(String key, Duration value) {
		if (value.isNegative() || value.isZero()) {
			throw this.keys.refuse(key, value, "must be longer than zero");
		}
	}

	private void requireNotNegative(String key, Duration value) {
		if (value.isNegative()) {
			throw this.keys.refuse(key, value, "must not be negative");
		}
	}

}
