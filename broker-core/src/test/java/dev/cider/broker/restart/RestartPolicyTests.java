package dev.cider.broker.restart;

import java.time.Duration;

import dev.cider.broker.restart.RestartDecision.Drop;
import dev.cider.broker.restart.RestartDecision.Finish;
import dev.cider.broker.restart.RestartDecision.Restart;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * The giving-up rule of G16.
 */
class RestartPolicyTests {

	private static final Duration QUICK = Duration.ofMillis(400);

	private static final Duration GOOD = Duration.ofMillis(1001);

	private final RestartPolicy policy = RestartPolicy.builder()
		.backoff(Backoff.builder().jitter(Duration.ZERO).build())
		.build();

	@Test
	void theDefaultsAreThoseOfTheOriginal() {
		assertThat(RestartPolicy.ALLOWED_CONSECUTIVE_ERRORS).isEqualTo(3);
		assertThat(RestartPolicy.ERROR_WINDOW).isEqualTo(Duration.ofSeconds(1));
		assertThat(RestartPolicy.defaults().allowedConsecutiveErrors()).isEqualTo(3);
		assertThat(RestartPolicy.defaults().errorWindow()).isEqualTo(Duration.ofSeconds(1));
		assertThat(RestartPolicy.defaults().mode()).isEqualTo(RestartMode.ON_FAILURE);
		assertThat(RestartPolicy.defaults().fatal().test(new Error())).isFalse();
	}

	@Test
	void theThirdQuickCrashInARowDrops() {
		assertThat(this.policy.afterCrash(QUICK, 0, false, 0)).isEqualTo(new Restart(Duration.ofMillis(200), 1,
				"error 1 of 3 in a row (served 0.4 s, error window 1 s): restart in 200 ms"));
		assertThat(this.policy.afterCrash(QUICK, 1, false, 0)).isEqualTo(new Restart(Duration.ofMillis(400), 2,
				"error 2 of 3 in a row (served 0.4 s, error window 1 s): restart in 400 ms"));
		assertThat(this.policy.afterCrash(QUICK, 2, false, 0))
			.isEqualTo(new Drop(null, 3, "error 3 of 3 in a row (served 0.4 s, error window 1 s): drop"));
	}

	@Test
	void aRunOfExactlyTheErrorWindowIsStillAnError() {
		assertThat(this.policy.afterCrash(Duration.ofSeconds(1), 0, false, 0).consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void aCrashAfterAGoodRunClearsTheCountAndWaitsTheFirstDelay() {
		assertThat(this.policy.afterCrash(GOOD, 2, false, 0)).isEqualTo(new Restart(Duration.ofMillis(200), 0,
				"crash after a good run (served 1 s, error window 1 s): restart in 200 ms"));
		assertThat(this.policy.afterCrash(Duration.ofSeconds(125), 2, false, 0).explanation())
			.startsWith("crash after a good run (served 2 min 5 s");
	}

	@Test
	void aFatalErrorDropsHoweverLongItServed() {
		assertThat(this.policy.afterCrash(Duration.ofHours(1), 0, true, 0))
			.isEqualTo(new Drop(null, 0, "fatal error (served 1 h): drop"));
	}

	@Test
	void whatIsFatalIsForThePredicateToSay() {
		RestartPolicy wary = RestartPolicy.builder().fatal(LinkageError.class::isInstance).build();
		assertThat(wary.fatal()).accepts(new NoClassDefFoundError()).rejects(new Exception());
	}

	@Test
	void modeNeverDropsHoweverLongItServed() {
		RestartPolicy never = RestartPolicy.builder().mode(RestartMode.NEVER).build();
		assertThat(never.afterCrash(Duration.ofHours(1), 0, false, 0))
			.isEqualTo(new Drop(null, 0, "crash in mode NEVER (served 1 h): drop"));
		assertThat(never.afterReturn(0, 0)).isEqualTo(new Finish(0, "returned in mode NEVER: finish"));
	}

	@Test
	void withUnlimitedErrorsNothingIsEverDropped() {
		RestartPolicy unlimited = RestartPolicy.builder()
			.allowedConsecutiveErrors(RestartPolicy.UNLIMITED)
			.backoff(Backoff.none())
			.build();
		RestartDecision decision = unlimited.afterCrash(Duration.ZERO, Integer.MAX_VALUE, false, 0);
		assertThat(decision).isEqualTo(new Restart(Duration.ZERO, Integer.MAX_VALUE,
				"error 2147483647 in a row (served 0 s, error window 1 s): restart at once"));
	}

	@Test
	void aReturnInModeAlwaysWaitsTheFirstDelayAndLeavesTheCount() {
		RestartPolicy always = RestartPolicy.builder()
			.mode(RestartMode.ALWAYS)
			.backoff(Backoff.builder().jitter(Duration.ZERO).build())
			.build();
		assertThat(always.afterReturn(2, 0))
			.isEqualTo(new Restart(Duration.ofMillis(200), 2, "returned in mode ALWAYS: restart in 200 ms"));
		assertThat(this.policy.afterReturn(2, 0)).isEqualTo(new Finish(2, "returned in mode ON_FAILURE: finish"));
	}

	@Test
	void nonsenseIsRefusedAndNamed() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RestartPolicy.builder().allowedConsecutiveErrors(0).build())
			.withMessage("Invalid allowedConsecutiveErrors (0): must be at least 1, or UNLIMITED");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RestartPolicy.builder().errorWindow(Duration.ZERO).build())
			.withMessage("Invalid errorWindow (PT0S): must be longer than zero");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RestartPolicy.builder().reviveAfter(Duration.ZERO).build())
			.withMessage("Invalid reviveAfter (PT0S): must be longer than zero");
	}

	@Test
	void aNullIsRefusedWhenThePolicyIsBuilt() {
		assertThatNullPointerException().isThrownBy(() -> RestartPolicy.builder().backoff(null).build())
			.withMessage("backoff must not be null");
		assertThatNullPointerException().isThrownBy(() -> RestartPolicy.builder().mode(null).build());
		assertThatNullPointerException().isThrownBy(() -> RestartPolicy.builder().fatal(null).build());
	}

	@Test
	void aDelayTooShortForWordsIsNotCalledNone() {
		RestartPolicy quick = RestartPolicy.builder()
			.backoff(Backoff.builder().delay(Duration.ofNanos(500_000)).jitter(Duration.ZERO).build())
			.build();
		assertThat(quick.afterCrash(QUICK, 0, false, 0).explanation()).endsWith(": restart in less than 1 ms");
	}

	@Test
	void toStringPrintsTheSettings() {
		assertThat(RestartPolicy.defaults()).hasToString("RestartPolicy[mode=ON_FAILURE, allowedConsecutiveErrors=3,"
				+ " errorWindow=PT1S, backoff=Backoff[delay=PT0.2S, multiplier=2.0, maxDelay=PT30S, jitter=PT0.05S],"
				+ " fatal=none, reviveAfter=never]");
		assertThat(RestartPolicy.builder().allowedConsecutiveErrors(RestartPolicy.UNLIMITED).build().toString())
			.contains("allowedConsecutiveErrors=unlimited");
	}

}
