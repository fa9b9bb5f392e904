package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.cider.broker.EndpointOptions;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The properties of endpoints: shared by all of them below {@code broker}, and of a
 * single one below {@code broker.endpoints.<id>}. An endpoint's own key has precedence
 * over the shared one, see {@link EndpointKeys#get}.
 *
 * @param restart When endpoints are restarted and when they are dropped.
 * @param autoStart Whether endpoints are started with the broker. If not, an operator has
 * to start them.
 * @param critical Whether endpoints can make health down.
 * @param health When endpoints make health down.
 * @param onDrop Action when an endpoint is dropped. "shutdown" ends the application with
 * exit code 1; revive-after has no effect then.
 * @param startTimeout How long an endpoint with an EndpointContext may take until it
 * calls ready(). Unset or zero for no limit. Implies explicit-ready.
 * @param explicitReady Whether endpoints with an EndpointContext stay STARTING until they
 * call ready().
 * @param heartbeatTimeout Longest time between two heartbeats of a serving endpoint with
 * an EndpointContext. Unset or zero for no limit.
 * @param closeTimeout How long an endpoint may take to close. After that the broker
 * interrupts its threads, and at most one second later it abandons the incarnation.
 * @param waitFor What must be there before an endpoint is started: a health contributor
 * (health/db), a port that accepts connections (tcp/localhost:5432), another endpoint
 * that serves (endpoint/cache), or a bean of type EndpointGate (gate/licence). All of
 * them.
 * @param dependsOn Other endpoints that must have served once, or have finished, before
 * an endpoint is started, and that are closed after it. Only below
 * "broker.endpoints.&lt;id&gt;" and in a config of some endpoints.
 * @param baseConfig Name of the config below "broker.configs" whose settings apply where
 * this section has none of its own.
 * @param instances How many endpoints to make of one bean, as "feed-1" and "feed-2". Only
 * below "broker.endpoints.&lt;id&gt;" of that bean. Unset for one endpoint with the name
 * of the bean.
 */
@ConfigurationProperties("broker")
record EndpointProperties(@DefaultValue Restart restart, @DefaultValue("true") boolean autoStart,
		@DefaultValue("true") boolean critical, @DefaultValue Health health, @DefaultValue("none") OnDrop onDrop,
		@Nullable Duration startTimeout, @DefaultValue("false") boolean explicitReady,
		@Nullable Duration heartbeatTimeout, @DefaultValue("20s") Duration closeTimeout,
		@DefaultValue List<String> waitFor, @DefaultValue List<String> dependsOn, @Nullable String baseConfig,
		@Nullable Integer instances) {

	/** Not a setting that several beans could share. */
	static final ConfigurationPropertyName INSTANCES = ConfigurationPropertyName.of("instances");

	/**
	 * The settings of an endpoint that may also be shared and have a name, with the types
	 * of their values: all but {@link #INSTANCES}.
	 */
	static final Map<ConfigurationPropertyName, Class<?>> KEYS = keys();

	private static Map<ConfigurationPropertyName, Class<?>> keys() {
		Map<ConfigurationPropertyName, Class<?>> keys = new LinkedHashMap<>(PropertyKeys.of(EndpointProperties.class));
		keys.remove(INSTANCES);
		return Collections.unmodifiableMap(keys);
	}

	/**
	 * What applies to an endpoint that the application adds where no property is set.
	 * @param given what the application has passed
	 */
	static EndpointProperties of(EndpointOptions given, DownWhen downWhen) {
		RestartPolicy policy = given.restartPolicy();
		Backoff backoff = policy.backoff();
		int allowed = policy.allowedConsecutiveErrors();
		Restart restart = new Restart(policy.mode(),
				(allowed == RestartPolicy.UNLIMITED) ? "unlimited" : String.valueOf(allowed), policy.errorWindow(),
				backoff.delay(), backoff.multiplier(), backoff.maxDelay(), backoff.jitter(), List.of(),
				(policy.reviveAfter() != null) ? policy.reviveAfter() : Duration.ZERO);
		DropEffect drop = DropEffect.defaults();
		return new EndpointProperties(restart, given.autoStart(), drop.critical(), new Health(downWhen), drop.onDrop(),
				given.startTimeout(), given.explicitReady(), given.heartbeatTimeout(), given.closeTimeout(), List.of(),
				List.of(), null, null);
	}

	/**
	 * The same for an endpoint that nobody knows yet: no property contradicts it.
	 */
	static EndpointProperties lenient(DownWhen downWhen) {
		Backoff any = new Backoff(Duration.ZERO, 1, Duration.ofSeconds(Long.MAX_VALUE), Duration.ZERO);
		return of(EndpointOptions.builder().restartPolicy(RestartPolicy.builder().backoff(any).build()).build(),
				downWhen);
	}

	/**
	 * When endpoints make health down.
	 *
	 * @param downWhen When a critical endpoint makes health down. An endpoint that has
	 * finished, or that an operator has stopped, never does.
	 */
	record Health(@DefaultValue("dropped") DownWhen downWhen) {
	}

	/**
	 * When endpoints are restarted and when they are dropped.
	 *
	 * @param mode After which exits an endpoint is restarted.
	 * @param allowedConsecutiveErrors Number of errors in a row at which an endpoint is
	 * dropped: at least 1, or "unlimited".
	 * @param errorWindow Longest run after which a crash counts as an error. A crash
	 * after a longer run resets the count of errors.
	 * @param delay How long to wait after the first error. Zero restarts at once.
	 * @param multiplier Factor by which each further error in a row increases the delay,
	 * at least 1.
	 * @param maxDelay Longest delay. Must not be shorter than "delay".
	 * @param jitter Largest random deviation of the first delay. It grows with the delay.
	 * Zero for none.
	 * @param fatalExceptions Class names of exceptions that drop an endpoint at once. The
	 * causes of an exception count too.
	 * @param reviveAfter How long after a drop because of too many errors an endpoint is
	 * started again. Zero for never.
	 */
	record Restart(@DefaultValue("on-failure") RestartMode mode, @DefaultValue("3") String allowedConsecutiveErrors,
			@DefaultValue("1s") Duration errorWindow, @DefaultValue("200ms") Duration delay,
			@DefaultValue("2") double multiplier, @DefaultValue("30s") Duration maxDelay,
			@DefaultValue("50ms") Duration jitter, @DefaultValue List<String> fatalExceptions,
			@DefaultValue("1m") Duration reviveAfter) {
	}

}
