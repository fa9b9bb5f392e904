package dev.cider.broker.spring.actuate;

import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.FatalExceptions;
import org.jspecify.annotations.Nullable;

/**
 * A restart policy as an operator sees it, under the names of its properties.
 *
 * @param mode after which exits the endpoint is restarted
 * @param allowedConsecutiveErrors the number of errors in a row at which the endpoint is
 * dropped, or {@code unlimited}
 * @param errorWindow a crash after a run of at most this length is an error
 * @param delay the delay after the first error
 * @param multiplier the factor by which each further error increases the delay
 * @param maxDelay the longest delay
 * @param jitter the largest random deviation of the first delay
 * @param fatalExceptions class names, or the {@code toString()} of the application's own
 * predicate
 * @param reviveAfter how long after a drop the endpoint is revived; {@code null} for
 * never
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PolicyDescriptor(RestartMode mode, Object allowedConsecutiveErrors, Duration errorWindow, Duration delay,
		double multiplier, Duration maxDelay, Duration jitter, List<String> fatalExceptions,
		@Nullable Duration reviveAfter) {

	static PolicyDescriptor of(RestartPolicy policy) {
		Object allowed = (policy.allowedConsecutiveErrors() == RestartPolicy.UNLIMITED) ? "unlimited"
				: policy.allowedConsecutiveErrors();
		return new PolicyDescriptor(policy.mode(), allowed, policy.errorWindow(), policy.backoff().delay(),
				policy.backoff().multiplier(), policy.backoff().maxDelay(), policy.backoff().jitter(),
				fatalExceptions(policy), policy.reviveAfter());
	}

	private static List<String> fatalExceptions(RestartPolicy policy) {
		if (policy.fatal() instanceof FatalExceptions fatal) {
			return fatal.names();
		}
		boolean none = policy.fatal().equals(RestartPolicy.defaults().fatal());
		return none ? List.of() : List.of(policy.fatal().toString());
	}

}
