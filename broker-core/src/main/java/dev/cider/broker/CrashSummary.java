package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * An {@link EndpointCrashReport} in short words, for history: it holds no exception, so
 * nothing is kept alive by it.
 *
 * @param factoryId the endpoint's id
 * @param dropped whether the endpoint was given up with this crash
 * @param type the class name of what was thrown
 * @param message its message, cut to 1,000 characters; {@code null} if it had none
 * @param incarnation which incarnation crashed, 1 for the first
 * @param phase what it was doing
 * @param at when the run ended, before anybody read why; for a timeout, when it was
 * noticed
 * @param served how long it had served, zero if it never did
 * @param consecutiveErrors errors in a row, this crash included
 * @param decision the explanation of what the broker did about it
 */
public record CrashSummary(String factoryId, boolean dropped, String type, @Nullable String message, long incarnation,
		CrashPhase phase, Instant at, Duration served, int consecutiveErrors, String decision) {
}
