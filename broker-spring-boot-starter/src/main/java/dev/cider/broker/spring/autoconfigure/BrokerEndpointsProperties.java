package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.spring.OnDrop;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of single endpoints, for the metadata. Nobody binds them as a whole:
 * {@link EndpointKeys} asks for one at a time, so that what somebody else has put below
 * {@code broker.endpoints} is told from what is misspelt.
 *
 * @param endpoints Settings of single endpoints by id, which take precedence over the
 * shared ones.
 */
@ConfigurationProperties("broker")
record BrokerEndpointsProperties(@DefaultValue Map<String, EndpointProperties> endpoints) {

	/**
	 * Settings of one endpoint; what is unset is as for all.
	 *
	 * @param restart When the endpoint is started again and when it is given up.
	 * @param autoStart Whether the endpoint is started with the broker.
	 * @param critical Whether the endpoint makes health down when it is dropped.
	 * @param onDrop What a drop of the endpoint does to the application.
	 * @param startTimeout How long the endpoint may take until it is ready. Zero for any
	 * time. Implies explicit-ready.
	 * @param explicitReady Whether the endpoint is serving only when it has said that it
	 * is ready.
	 * @param heartbeatTimeout How long the endpoint may go without its heartbeat while it
	 * serves. Zero for ever.
	 * @param closeTimeout How long the endpoint may take to close before it is
	 * interrupted, and a little later abandoned.
	 */
	record EndpointProperties(@Nullable EndpointRestart restart, @Nullable Boolean autoStart,
			@Nullable Boolean critical, @Nullable OnDrop onDrop, @Nullable Duration startTimeout,
			@Nullable Boolean explicitReady, @Nullable Duration heartbeatTimeout, @Nullable Duration closeTimeout) {
	}

	/**
	 * When one endpoint is started again and when it is given up.
	 *
	 * @param mode After which kind of exit the endpoint is started again.
	 * @param allowedConsecutiveErrors Which error in a row drops the endpoint: a number
	 * of at least 1, or "unlimited".
	 * @param errorWindow Longest run that still makes a crash an error.
	 * @param delay How long to wait after the first error. Zero restarts at once.
	 * @param multiplier What each further error in a row multiplies the delay by, at
	 * least 1.
	 * @param maxDelay Longest delay, at least the first one.
	 * @param jitter How far the first delay may be off at random. Zero for none.
	 * @param fatalExceptions Class names of exceptions that drop the endpoint at once, as
	 * what was thrown or as one of its causes.
	 * @param reviveAfter How long after it was dropped for too many errors the endpoint
	 * begins anew. Zero for never.
	 */
	record EndpointRestart(@Nullable RestartMode mode, @Nullable String allowedConsecutiveErrors,
			@Nullable Duration errorWindow, @Nullable Duration delay, @Nullable Double multiplier,
			@Nullable Duration maxDelay, @Nullable Duration jitter, @Nullable List<String> fatalExceptions,
			@Nullable Duration reviveAfter) {
	}

}
