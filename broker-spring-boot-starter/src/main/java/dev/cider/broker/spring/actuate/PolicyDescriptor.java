package dev.cider.broker.spring.actuate;

import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.FatalExceptions;
import org.jspecify.annotations.Nullable;

/**
 * A restart policy as an operator sees it, named as its properties.
 *
 * @param mode after which kind of exit the endpoint is started again
 * @param allowedConsecutiveErrors a number, or {@code unlimited}
 * @param errorWindow the longest run that still makes a crash an error
 * @param delay the delay after the first error
 * @param multiplier what each further error multiplies the delay by
 * @param maxDelay the longest delay
 * @param jitter how far the first delay may be off
 * @param fatalExceptions class names, or what the application's own predicate says of
 * itself
 * @param reviveAfter how long after a drop it begins anew, if it does
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
