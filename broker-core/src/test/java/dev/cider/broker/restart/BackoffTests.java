package dev.cider.broker.restart;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The delays of G16.
 */
class BackoffTests {

	private static final double ALMOST_ONE = Math.nextDown(1.0);

	private static List<Long> millis(Backoff backoff, int errors) {
		return IntStream.rangeClosed(1, errors).mapToObj((n) -> backoff.delayAfter(n, 0.5).toMillis()).toList();
	}

	@Test
	void theDefaultsDoubleFrom200MillisecondsTo30Seconds() {
		Backoff withoutJitter = Backoff.builder().jitter(Duration.ZERO).build();
		assertThat(millis(withoutJitter, 10)).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L,
				30000L, 30000L);
	}

	@Test
	void theJitterGrowsWithTheDelayAndNeverLeavesItsBounds() {
		Backoff backoff = Backoff.defaults();
		assertThat(backoff.delayAfter(1, 0)).isEqualTo(Duration.ofMillis(200));
		assertThat(backoff.delayAfter(1, ALMOST_ONE)).isCloseTo(Duration.ofMillis(250), Duration.ofNanos(1));
		assertThat(backoff.delayAfter(3, 0)).isEqualTo(Duration.ofMillis(600));
		assertThat(backoff.delayAfter(3, ALMOST_ONE)).isCloseTo(Duration.ofMillis(1000), Duration.ofNanos(1));
		assertThat(backoff.delayAfter(8, ALMOST_ONE)).isCloseTo(Duration.ofSeconds(30), Duration.ofNanos(10));
		assertThat(backoff.delayAfter(9, 0)).isEqualTo(Duration.ofMillis(22500));
	}

	@Test
	void noneRestartsAtOnceHoweverManyErrorsThereWere() {
		assertThat(Backoff.none().delayAfter(1, 0)).isZero();
		assertThat(Backoff.none().delayAfter(Integer.MAX_VALUE, ALMOST_ONE)).isZero();
	}

	@Test
	void aZeroDelayStaysZeroWhateverTheOtherSettingsSay() {
		Backoff backoff = Backoff.builder().delay(Duration.ZERO).build();
		assertThat(backoff.delayAfter(50, 0.9)).isZero();
	}

	@Test
	void hugeSettingsDoNotOverflow() {
		Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
		Backoff backoff = Backoff.builder().delay(Duration.ofDays(1)).multiplier(1e300).maxDelay(forEver).build();
		assertThat(backoff.delayAfter(1, 0)).isEqualTo(Duration.ofDays(1));
		assertThat(backoff.delayAfter(Integer.MAX_VALUE, 0.5)).isPositive().isLessThanOrEqualTo(forEver);
		assertThat(Backoff.builder().delay(forEver).maxDelay(forEver).build().delayAfter(9, 0.5)).isEqualTo(forEver);
	}

	@Test
	void theLongestDelayIsExactHoweverLong() {
		Duration exact = Duration.ofDays(100_000_000).plusNanos(1);
		assertThat(Backoff.builder().delay(exact).maxDelay(exact).build().delayAfter(1, 0)).isEqualTo(exact);
	}

	@Test
	void aDelayIsAskedForAtLeastOneErrorAndARollBelowOne() {
		assertThatIllegalArgumentException().isThrownBy(() -> Backoff.defaults().delayAfter(0, 0))
			.withMessage("Invalid errors in a row (0): must be at least 1");
		for (double roll : new double[] { -0.1, 1, Double.NaN }) {
			assertThatIllegalArgumentException().isThrownBy(() -> Backoff.defaults().delayAfter(1, roll))
				.withMessage("Invalid roll (" + roll + "): must be from 0 (inclusive) to 1 (exclusive)");
		}
	}

	@Test
	void nonsenseIsRefusedAndNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> Backoff.builder().delay(Duration.ofMillis(-1)).build())
			.withMessage("Invalid backoff delay (PT-0.001S): must not be negative");
		assertThatIllegalArgumentException().isThrownBy(() -> Backoff.builder().multiplier(0.5).build())
			.withMessage("Invalid backoff multiplier (0.5): must be a number of at least 1");
		assertThatIllegalArgumentException().isThrownBy(() -> Backoff.builder().multiplier(Double.NaN).build());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Backoff.builder().maxDelay(Duration.ofMillis(100)).build())
			.withMessage("Invalid backoff maxDelay (PT0.1S): must not be below delay (PT0.2S)");
		assertThatIllegalArgumentException().isThrownBy(() -> Backoff.builder().jitter(Duration.ofMillis(-1)).build())
			.withMessage("Invalid backoff jitter (PT-0.001S): must not be negative");
	}

	@Test
	void toStringPrintsTheSettings() {
		assertThat(Backoff.defaults())
			.hasToString("Backoff[delay=PT0.2S, multiplier=2.0, maxDelay=PT30S, jitter=PT0.05S]");
	}

}
