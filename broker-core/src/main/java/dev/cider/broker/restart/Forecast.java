package dev.cider.broker.restart;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One crash of a forecast, and what would follow from it.
 *
 * @param crash the number of the crash, 1 for the first
 * @param at when it happens, counted from the first start
 * @param decision what follows from it
 * @see RestartPolicy#forecast(Duration, int)
 */
public record Forecast(int crash, Duration at, RestartDecision decision) {

	private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

	/**
	 * Forecasts under a policy whose backoff has no jitter.
	 */
	static List<Forecast> of(RestartPolicy policy, Duration servedPerRun, int crashes) {
		Require.that(!servedPerRun.isNegative(), "servedPerRun", servedPerRun, "must not be negative");
		Require.that(crashes >= 0, "crashes", crashes, "must not be negative");
		List<Forecast> forecasts = new ArrayList<>();
		Duration start = Duration.ZERO;
		int errors = 0;
		for (int crash = 1; crash <= crashes; crash++) {
			Duration at = saturatedSum(start, servedPerRun);
			RestartDecision decision = policy.afterCrash(servedPerRun, errors, false, 0);
			forecasts.add(new Forecast(crash, at, decision));
			if (!(decision instanceof RestartDecision.Restart restart)) {
				break;
			}
			start = saturatedSum(at, restart.delay());
			errors = restart.consecutiveErrors();
		}
		return List.copyOf(forecasts);
	}

	private static Duration saturatedSum(Duration a, Duration b) {
		return (a.compareTo(FOR_EVER.minus(b)) > 0) ? FOR_EVER : a.plus(b);
	}

	/**
	 * The crash in one line, for people.
	 */
	@Override
	public String toString() {
		return "crash " + this.crash + " after " + DurationText.of(this.at) + ": " + this.decision.explanation();
	}

}
