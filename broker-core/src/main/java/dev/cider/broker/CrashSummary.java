package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A short form of {@link EndpointCrashReport}, for the history. It does not refer to the
 * exception, so it keeps no other object alive.
 *
 * @param factoryId the endpoint's id
 * @param dropped whether this crash made the broker drop the endpoint
 * @param type the class name of what was thrown
 * @param message its message, cut to 1,000 characters; {@code null} if it had none
 * @param incarnation which incarnation crashed, 1 for the first
 * @param phase what it was doing
 * @param at when the run ended; for a timeout, when the broker noticed it
 * @param served how long it had served, zero if it never did
 * @param consecutiveErrors errors in a row, this crash included
 * @param decision the explanation of what the broker did about it
 */
public record CrashSummary(String factoryId, boolean dropped, String type, @Nullable String message, long incarnation,
		CrashPhase phase, Instant at, Duration served, int consecutiveErrors, String decision) {
}
