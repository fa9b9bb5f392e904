package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.spring.OnDrop;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The properties of endpoints: shared by all of them below {@code broker}, and of a
 * single one below {@code broker.endpoints.<id>}. The value of an endpoint's own key
 * comes before the shared one, see {@link EndpointKeys#get}.
 *
 * @param restart When endpoints are started again and when they are given up.
 * @param autoStart Whether endpoints are started with the broker. If not, they wait for
 * an operator's start.
 * @param critical Whether an endpoint that is dropped makes health down.
 * @param onDrop What a drop of an endpoint does to the application. With "shutdown" a
 * drop is final, whatever revive-after says, and ends the application with exit code 1.
 * @param startTimeout How long an endpoint that can say so may take until it is ready.
 * Unset or zero for any time. Implies explicit-ready.
 * @param explicitReady Whether endpoints that can say so are serving only when they have
 * said that they are ready.
 * @param heartbeatTimeout How long a serving endpoint that has a heartbeat may go without
 * it. Unset or zero for ever.
 * @param closeTimeout How long an endpoint may take to close before it is interrupted,
 * and a little later abandoned.
 */
@ConfigurationProperties("broker")
record EndpointProperties(@DefaultValue Restart restart, @DefaultValue("true") boolean autoStart,
		@DefaultValue("true") boolean critical, @DefaultValue("none") OnDrop onDrop, @Nullable Duration startTimeout,
		@DefaultValue("false") boolean explicitReady, @Nullable Duration heartbeatTimeout,
		@DefaultValue("20s") Duration closeTimeout) {

	/** All that can be set for one endpoint, with the types of the values. */
	static final Map<ConfigurationPropertyName, Class<?>> KEYS = PropertyKeys.of(EndpointProperties.class);

	/**
	 * When endpoints are started again and when they are given up.
	 *
	 * @param mode After which kind of exit an endpoint is started again.
	 * @param allowedConsecutiveErrors Which error in a row drops an endpoint: a number of
	 * at least 1, or "unlimited".
	 * @param errorWindow Longest run that still makes a crash an error. A crash after a
	 * longer run starts the count anew.
	 * @param delay How long to wait after the first error. Zero restarts at once.
	 * @param multiplier What each further error in a row multiplies the delay by, at
	 * least 1.
	 * @param maxDelay Longest delay, at least the first one.
	 * @param jitter How far the first delay may be off at random. Zero for none.
	 * @param fatalExceptions Class names of exceptions that drop an endpoint at once, as
	 * what was thrown or as one of its causes.
	 * @param reviveAfter How long after it was dropped for too many errors an endpoint
	 * begins anew. Zero for never.
	 */
	record Restart(@DefaultValue("on-failure") RestartMode mode, @DefaultValue("3") String allowedConsecutiveErrors,
			@DefaultValue("1s") Duration errorWindow, @DefaultValue("200ms") Duration delay,
			@DefaultValue("2") double multiplier, @DefaultValue("30s") Duration maxDelay,
			@DefaultValue("50ms") Duration jitter, @DefaultValue List<String> fatalExceptions,
			@DefaultValue("1m") Duration reviveAfter) {
	}

}
