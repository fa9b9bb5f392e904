package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which crashes are remembered (G12).
 */
class CrashHistoryTests {

	private static final Failure BOOM = Failure.of(new Exception("boom"), (any) -> false, (impossible) -> {
	});

	static CrashEntry crash(long incarnation) {
		return new CrashEntry("tcp", BOOM, incarnation, CrashPhase.SERVE, Moment.of(0, Instant.EPOCH),
				RestartPolicy.defaults().unwordedAfterCrash(Duration.ZERO, 0, false, 0));
	}

	private static List<Long> remembered(int limit, long crashes) {
		CrashHistory history = new CrashHistory(limit);
		LongStream.rangeClosed(1, crashes).forEach((incarnation) -> history.add(crash(incarnation)));
		return history.newestFirst().stream().map(CrashEntry::summary).map(CrashSummary::incarnation).toList();
	}

	@Test
	void theLatestAreRememberedNewestFirst() {
		assertThat(remembered(3, 0)).isEmpty();
		assertThat(remembered(3, 2)).containsExactly(2L, 1L);
		assertThat(remembered(3, 3)).containsExactly(3L, 2L, 1L);
		assertThat(remembered(3, 4)).containsExactly(4L, 3L, 2L);
		assertThat(remembered(20, 100))
			.containsExactlyElementsOf(LongStream.rangeClosed(0, 19).mapToObj((older) -> 100 - older).toList());
	}

	@Test
	void aHistoryOfNoneRemembersNone() {
		assertThat(remembered(0, 5)).isEmpty();
	}

	@Test
	void aLimitTakesNoMemoryBeforeThereAreAsManyCrashes() {
		assertThat(remembered(Integer.MAX_VALUE, 5)).containsExactly(5L, 4L, 3L, 2L, 1L);
	}

	@Test
	void whatWasReadOnceDoesNotChange() {
		CrashHistory history = new CrashHistory(2);
		history.add(crash(1));
		List<CrashEntry> read = history.newestFirst();
		history.add(crash(2));
		history.add(crash(3));
		assertThat(read).extracting(CrashEntry::summary).extracting(CrashSummary::incarnation).containsExactly(1L);
	}

}
