package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.restart.RestartDecision;

/**
 * One crash of one endpoint: an exit that nobody asked for. Made when the crash is
 * noticed, before the crashed instance is closed. There is exactly one report per crash.
 *
 * @param factoryId the endpoint's id
 * @param dropped whether this crash made the broker drop the endpoint
 * @param error what was thrown. It keeps alive whatever it references; keep a
 * {@link CrashSummary} if you need only the text
 * @param incarnation which incarnation crashed, 1 for the first
 * @param phase what it was doing
 * @param at when the run ended; for a timeout, when the broker noticed it
 * @param served how long it had served, zero if it never did
 * @param consecutiveErrors errors in a row, this crash included
 * @param decision what the broker does about it, and why
 */
public record EndpointCrashReport(String factoryId, boolean dropped, Throwable error, long incarnation,
		CrashPhase phase, Instant at, Duration served, int consecutiveErrors, RestartDecision decision) {
}
