package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.cider.broker.Broker;
import dev.cider.broker.EndpointGroup;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.autoconfigure.BrokerProperties.Threads;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.system.JavaVersion;
import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.util.ClassUtils;

/**
 * Checks the properties and converts them to the types of broker-core.
 */
final class BrokerSettings {

	private static final EndpointLog endpointLog = new EndpointLog(BrokerSettings.class);

	private static final String CONTEXT_PROPAGATION = "io.micrometer.context.ContextSnapshotFactory";

	private static final String UNLIMITED = "unlimited";

	private static final String INSTANCES = EndpointProperties.INSTANCES.toString();

	/** Each instance has a thread, so that a slip of the finger could use up the JVM. */
	private static final int MAX_INSTANCES = 10_000;

	private static final String PHASE_TIMEOUT = "spring.lifecycle.timeout-per-shutdown-phase";

	private final BrokerProperties properties;

	private final EndpointProperties shared;

	private final Environment environment;

	private final EndpointKeysFinder finder;

	private final @Nullable ClassLoader classLoader;

	BrokerSettings(BrokerProperties properties, EndpointProperties shared, Environment environment,
			@Nullable ClassLoader classLoader) {
		this.properties = properties;
		this.shared = shared;
		this.environment = environment;
		this.finder = new EndpointKeysFinder(environment);
		this.classLoader = classLoader;
		check();
	}

	/**
	 * Refuses invalid shared values, even if no endpoint uses them.
	 */
	private void check() {
		EndpointKeys keys = this.finder.shared();
		new ConfiguredOptions(this.shared, keys, ContextAccess.GIVEN, this.classLoader).toBuilder();
		if (this.properties.historySize() < 0) {
			throw keys.refuse("history-size", this.properties.historySize(), "must not be negative");
		}
		if (this.properties.threads() == Threads.VIRTUAL && !virtualThreadsExist()) {
			throw keys.refuse("threads", this.properties.threads(), "virtual threads need Java 21 or later");
		}
		requireContextPropagation(keys);
		ConfiguredOptions options = new ConfiguredOptions(this.shared, keys, ContextAccess.GIVEN, this.classLoader);
		options.waitFor();
		options.requireNoSharedDependency();
		requireLongerThanZero(keys, "gate.poll-interval", this.properties.gate().pollInterval());
		requireLongerThanZero(keys, "gate.timeout", this.properties.gate().timeout());
		maxConcurrentStarts(keys);
	}

	private static void requireLongerThanZero(EndpointKeys keys, String key, Duration value) {
		if (value.isZero() || value.isNegative()) {
			throw keys.refuse(key, value, "must be longer than zero");
		}
	}

	/** Returns 0 for no limit. */
	private int maxConcurrentStarts(EndpointKeys keys) {
		String key = "restart.max-concurrent";
		String value = this.properties.restart().maxConcurrent().strip();
		if (UNLIMITED.equalsIgnoreCase(value)) {
			return 0;
		}
		try {
			int most = Integer.parseInt(value);
			if (most > 0) {
				return most;
			}
		}
		catch (NumberFormatException ex) {
			// Refused below, with the same words as a number that is too small.
		}
		throw keys.refuse(key, value, "must be a number of at least 1, or \"" + UNLIMITED + "\"");
	}

	/**
	 * How long may be asked for something that endpoints wait for.
	 */
	Duration gateTimeout() {
		return this.properties.gate().timeout();
	}

	/**
	 * What each endpoint waits for.
	 * @param gates knows what there is
	 * @param annotated what each endpoint depends on by the annotation of its bean
	 * @throws InvalidBrokerPropertyException if one would wait for ever
	 */
	Map<String, List<WaitFor>> waitFor(EndpointIds ids, ConfiguredGates gates, Map<String, List<WaitFor>> annotated) {
		Map<String, EndpointKeys> keys = this.finder.find(ids);
		Map<String, List<WaitFor>> waitFor = new LinkedHashMap<>();
		keys.forEach((id, own) -> {
			ConfiguredOptions options = new ConfiguredOptions(this.shared, own, ContextAccess.GIVEN, this.classLoader);
			List<WaitFor> all = new ArrayList<>();
			Stream.concat(options.waitFor().stream(), options.dependsOn().stream())
				.flatMap((each) -> each.instances(ids))
				.forEach(all::add);
			gates.checkEarly(own, all, ids.endpoints());
			all.addAll(annotated.getOrDefault(id, List.of()));
			waitFor.put(id, all);
		});
		List<String> circle = WaitForCircle.find(waitFor);
		if (circle != null) {
			throw ofCircle(circle, waitFor, keys);
		}
		return waitFor;
	}

	/** Names the first property in the circle: an annotation may have led there, too. */
	private static InvalidBrokerPropertyException ofCircle(List<String> circle, Map<String, List<WaitFor>> waitFor,
			Map<String, EndpointKeys> keys) {
		String rule = "these endpoints wait for each other, so that none of them would ever start: "
				+ String.join(" -> ", circle);
		for (int i = 1; i < circle.size(); i++) {
			String id = circle.get(i - 1);
			String next = circle.get(i);
			WaitFor step = waitFor.getOrDefault(id, List.of())
				.stream()
				.filter((each) -> each.isEndpoint() && each.name().equals(next) && !each.isAnnotated())
				.findFirst()
				.orElse(null);
			if (step != null) {
				return Objects.requireNonNull(keys.get(id), id)
					.refuse(step.key(), step.written(), rule, "Remove one of them from what another waits for.");
			}
		}
		return new InvalidBrokerPropertyException(
				"Invalid @DependsOn of the bean of endpoint '" + circle.get(0) + "': " + rule,
				"Remove one of them from the @DependsOn of another.");
	}

	/**
	 * Refuses health contributors that do not exist. Makes them all.
	 */
	void checkHealth(EndpointIds ids, Map<String, List<WaitFor>> waitFor, ConfiguredGates gates) {
		Map<String, EndpointKeys> keys = this.finder.find(ids);
		waitFor.forEach((id, all) -> gates.checkHealth(Objects.requireNonNull(keys.get(id), id), all));
	}

	/**
	 * Refuses endpoints that wait for one whose bean is absent, which is known only after
	 * the beans were made.
	 * @param present the ids of the endpoints whose beans are there
	 * @param known the ids of all endpoints
	 */
	void checkEndpoints(EndpointIds ids, Map<String, List<WaitFor>> waitFor, Set<String> present, Set<String> known) {
		Map<String, EndpointKeys> keys = this.finder.find(ids);
		present.forEach((id) -> ConfiguredGates.checkEndpoints(Objects.requireNonNull(keys.get(id), id),
				waitFor.getOrDefault(id, List.of()), known));
	}

	private void requireContextPropagation(EndpointKeys keys) {
		if (this.properties.propagateContext() && !ClassUtils.isPresent(CONTEXT_PROPAGATION, this.classLoader)) {
			throw keys.refuse("propagate-context", true,
					"this needs Micrometer's context propagation, which is not on the class path",
					"Add io.micrometer:context-propagation, or remove the property.");
		}
	}

	boolean isContextPropagated() {
		return this.properties.propagateContext();
	}

	boolean isAutoStartup() {
		return this.properties.lifecycle().autoStartup();
	}

	int phase() {
		return this.properties.lifecycle().phase();
	}

	/**
	 * How long the shutdown waits for the beans of one phase.
	 */
	Duration shutdownPhaseTimeout() {
		return Binder.get(this.environment).bind(PHASE_TIMEOUT, Duration.class).orElse(Duration.ofSeconds(30));
	}

	/**
	 * The groups of endpoints.
	 * @throws InvalidBrokerPropertyException if one is invalid
	 */
	List<EndpointGroup> groups(EndpointIds ids) {
		return ConfiguredGroups.of(this.properties.groups(), ids, this.environment);
	}

	Broker.Builder builder(List<EndpointGroup> groups) {
		Broker.Builder builder = Broker.builder()
			.keepServing(true)
			.historySize(this.properties.historySize())
			.gatePollInterval(this.properties.gate().pollInterval())
			.gateTimeout(this.properties.gate().timeout())
			.gatesEvict(this.properties.gate().evict())
			.maxConcurrentStarts(maxConcurrentStarts(this.finder.shared()));
		groups.forEach(builder::group);
		if (isVirtual()) {
			builder.threadFactory(virtualThreads());
		}
		return builder;
	}

	private boolean isVirtual() {
		return switch (this.properties.threads()) {
			case AUTO -> Threading.VIRTUAL.isActive(this.environment);
			case PLATFORM -> false;
			case VIRTUAL -> true;
		};
	}

	/**
	 * Whether an endpoint that needs virtual threads may have them.
	 */
	boolean mayUseVirtualThreads() {
		return this.properties.threads() != Threads.PLATFORM;
	}

	private static boolean virtualThreadsExist() {
		return JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE);
	}

	private static ThreadFactory virtualThreads() {
		return new VirtualThreadTaskExecutor("broker-").getVirtualThreadFactory();
	}

	/**
	 * The ids of the endpoints that some beans become.
	 * @param beans the ids of the beans
	 * @throws InvalidBrokerPropertyException if one is to have no instances, or too many,
	 * or if an instance had the id of another endpoint
	 */
	EndpointIds ids(Set<String> beans) {
		Map<String, Integer> numbers = new LinkedHashMap<>();
		this.finder.ofInstances(beans)
			.forEach((bean, keys) -> keys.own(INSTANCES, Bindable.of(Integer.class))
				.ifPresent((number) -> numbers.put(bean, checked(bean, number, keys))));
		EndpointIds ids = new EndpointIds(beans, numbers, added());
		String taken = ids.takenTwice();
		if (taken != null) {
			String bean = Objects.requireNonNull(ids.beanOfInstance(taken), taken);
			throw Objects.requireNonNull(this.finder.ofInstances(beans).get(bean), bean)
				.refuse(INSTANCES, numbers.getOrDefault(bean, 0),
						"the id '" + taken + "' of one of the instances is the name of another bean",
						"Rename one of the beans, or lower the number.");
		}
		return ids;
	}

	private List<IdPattern> added() {
		return this.properties.addedEndpoints()
			.stream()
			.map(String::strip)
			.filter((pattern) -> !pattern.isEmpty())
			.map(IdPattern::new)
			.toList();
	}

	/**
	 * The settings of the endpoints that the application adds.
	 * @throws InvalidBrokerPropertyException if one of them is invalid
	 */
	AddedSettings added(EndpointIds ids, ConfiguredGates gates) {
		return new AddedSettings(this.finder.added(ids), gates, ids, downWhen(), this.classLoader);
	}

	private static int checked(String bean, int number, EndpointKeys keys) {
		if (number < 1 || number > MAX_INSTANCES) {
			throw keys.refuse(INSTANCES, number, "must be at least 1 and at most " + MAX_INSTANCES,
					"Correct the value of '" + keys.name(INSTANCES) + "', or remove the property to get one endpoint '"
							+ bean + "'.");
		}
		return number;
	}

	/**
	 * The options of each endpoint as the properties configure them.
	 * @param context whether the endpoint of an id gets an EndpointContext
	 * @return new builders
	 */
	Map<String, EndpointOptions.Builder> options(EndpointIds ids, Function<String, ContextAccess> context) {
		Map<String, EndpointOptions.Builder> options = new LinkedHashMap<>();
		this.finder.find(ids)
			.forEach((id, keys) -> options.put(id,
					new ConfiguredOptions(this.shared, keys, context.apply(id), this.classLoader).toBuilder()));
		return options;
	}

	/**
	 * The drop effect of each endpoint.
	 */
	Map<String, DropEffect> dropEffects(EndpointIds ids) {
		Map<String, DropEffect> effects = new LinkedHashMap<>();
		this.finder.find(ids)
			.forEach((id, keys) -> effects.put(id,
					new ConfiguredOptions(this.shared, keys, ContextAccess.GIVEN, this.classLoader).dropEffect()));
		return effects;
	}

	/**
	 * When an endpoint without settings of its own is down.
	 */
	DownWhen downWhen() {
		return new ConfiguredOptions(this.shared, this.finder.shared(), ContextAccess.GIVEN, this.classLoader)
			.downWhen();
	}

	/**
	 * When each endpoint is down.
	 */
	Map<String, DownWhen> downWhen(EndpointIds ids) {
		Map<String, DownWhen> downWhen = new LinkedHashMap<>();
		this.finder.find(ids)
			.forEach((id, keys) -> downWhen.put(id,
					new ConfiguredOptions(this.shared, keys, ContextAccess.GIVEN, this.classLoader).downWhen()));
		return downWhen;
	}

	/**
	 * The name of the base config of each endpoint that has one.
	 */
	Map<String, String> baseConfigs(EndpointIds ids) {
		Map<String, String> names = new LinkedHashMap<>();
		this.finder.find(ids).forEach((id, keys) -> {
			String name = new ConfiguredOptions(this.shared, keys, ContextAccess.GIVEN, this.classLoader).baseConfig();
			if (!name.isEmpty()) {
				names.put(id, name);
			}
		});
		return names;
	}

	/**
	 * Warns of endpoints whose close timeout is longer than the shutdown waits.
	 * @param options the options of the existing endpoints
	 * @param ids the ids that keys are allowed for, also of absent beans
	 * @param groups whose members are closed one after another
	 */
	void warnOfLongCloseTimeouts(Map<String, EndpointOptions> options, EndpointIds ids, List<EndpointGroup> groups) {
		Duration limit = shutdownPhaseTimeout();
		Map<String, EndpointKeys> keys = this.finder.find(ids);
		options.forEach((id, option) -> {
			if (option.closeTimeout().compareTo(limit) > 0) {
				EndpointKeys own = keys.getOrDefault(id, this.finder.shared());
				endpointLog.log(Level.WARN, id, 0,
						"{}: the close timeout {} ({}{}) is longer than {} ({}): the shutdown of the application "
								+ "will not wait as long as that",
						id, option.closeTimeout(), own.name("close-timeout"), own.origin("close-timeout"),
						PHASE_TIMEOUT, limit);
			}
		});
		warnOfLongClosePath(options, groups, limit);
	}

	private static void warnOfLongClosePath(Map<String, EndpointOptions> options, List<EndpointGroup> groups,
			Duration limit) {
		ClosePath longest = ClosePath.longest(options, groups);
		if (longest != null && longest.duration().compareTo(limit) > 0) {
			endpointLog.log(Level.WARN, longest.last(), 0,
					"{}: it is closed after all that depend on it; to close {} one after the other may take {}, with up "
							+ "to one second for each that has to be abandoned, which is longer than {} ({}): the shutdown "
							+ "of the application will not wait as long as that. Lower their close timeouts, or raise {}",
					longest.last(), longest.inWords(), longest.duration(), PHASE_TIMEOUT, limit, PHASE_TIMEOUT);
		}
	}

}
