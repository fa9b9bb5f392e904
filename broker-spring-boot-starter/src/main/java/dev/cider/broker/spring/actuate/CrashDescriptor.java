package dev.cider.broker.spring.actuate;

import java.time.Duration;
import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.CrashSummary;
import org.jspecify.annotations.Nullable;

/**
 * One crash as an operator sees it.
 *
 * @param incarnation which incarnation crashed
 * @param phase what it was doing
 * @param at when the crash was noticed
 * @param served how long it had served
 * @param type the class name of what was thrown
 * @param message its message, or asterisks if it must not be shown; left out if it had
 * none
 * @param dropped whether the endpoint was given up
 * @param decision what the broker did about it, and why
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CrashDescriptor(long incarnation, CrashPhase phase, Instant at, Duration served, String type,
		@Nullable String message, boolean dropped, String decision) {

	private static final String HIDDEN = "******";

	static CrashDescriptor of(CrashSummary crash, boolean showMessages) {
		String message = (crash.message() == null || showMessages) ? crash.message() : HIDDEN;
		return new CrashDescriptor(crash.incarnation(), crash.phase(), crash.at(), crash.served(), crash.type(),
				message, crash.dropped(), crash.decision());
	}

}
