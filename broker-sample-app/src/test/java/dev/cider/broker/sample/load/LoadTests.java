package dev.cider.broker.sample.load;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every request gets exactly one answer, its own, whatever happens to the transports. A
 * few seconds in the build; {@code -Dload.minutes=10} for longer, and
 * {@code -Dload.seed=} for the same chances again.
 */
class LoadTests {

	private static final Duration WARM_UP = Duration.ofSeconds(1);

	private static final Duration SHORT = Duration.ofSeconds(5);

	// Every single wait has its own, much shorter limit
	@Test
	@Timeout(value = 1, unit = TimeUnit.DAYS)
	void everyRequestIsAnsweredExactlyOnceWhileTransportsComeAndGo() throws Exception {
		long seed = Long.getLong("load.seed", new Random().nextLong());
		long minutes = Long.getLong("load.minutes", 0);
		LoadReport report = (minutes > 0) ? LoadWithChaos.run(seed, Duration.ofSeconds(20), Duration.ofMinutes(minutes))
				: LoadWithChaos.run(seed, WARM_UP, SHORT);
		System.out.println(report);
		Ledger ledger = report.ledger();
		assertThat(ledger.faults()).isEmpty();
		assertThat(ledger.lost.sum()).isZero();
		assertThat(ledger.twice.sum()).isZero();
		assertThat(ledger.wrong.sum()).isZero();
		assertThat(ledger.notesTwice.sum()).isZero();
		assertThat(ledger.cutForNoReason.sum()).isZero();
		assertThat(ledger.unaccounted()).isZero();
		assertThat(report.pendingCallsLeft()).isZero();
		assertThat(report.methodsLeft()).isEmpty();
		assertThat(report.unseen()).isEmpty();
	}

}
