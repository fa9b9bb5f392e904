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
 * @param incarnation the number of the incarnation that crashed
 * @param phase the phase in which the incarnation crashed
 * @param at when the crash was noticed
 * @param served how long the incarnation had served
 * @param type the class name of the exception
 * @param message the message of the exception, or asterisks if it must not be shown;
 * omitted if the exception has no message
 * @param dropped whether this crash dropped the endpoint
 * @param decision the broker's decision, with its reason
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
