package dev.cider.broker;

import java.time.Instant;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G14: instants are only shown, and what is shown is what the wall clock shows.
 */
class WallClockTests {

	private static final Instant BEGIN = Instant.parse("2026-11-23T03:00:00Z");

	private long nanos = 42;

	private Instant wall = BEGIN;

	private int looks;

	/** How long the thread is paused between two looks, if it is. */
	private long pause;

	private final WallClock clock = new WallClock(() -> this.nanos, this::look);

	private Instant look() {
		this.looks++;
		Instant seen = this.wall;
		pass(this.pause);
		return seen;
	}

	private void pass(long passed) {
		this.nanos += passed;
		this.wall = this.wall.plusNanos(passed);
	}

	@Test
	void theWallClockIsNotAskedForEveryMoment() {
		for (int i = 0; i < 10; i++) {
			pass(WallClock.GOOD_FOR_NANOS / 10);
			assertThat(this.clock.now()).isEqualTo(Moment.of(this.nanos, this.wall));
		}
		assertThat(this.looks).isEqualTo(1);
	}

	@Test
	void aJumpOfTheWallClockIsShownSoon() {
		this.wall = this.wall.minusSeconds(3600);
		pass(WallClock.GOOD_FOR_NANOS);
		assertThat(this.clock.now().instant()).isAfter(BEGIN);
		pass(1);
		assertThat(this.clock.now()).isEqualTo(Moment.of(this.nanos, this.wall));
	}

	@Test
	void atTheTurnOfASecondAndAfterALongWhileItShowsWhatTheWallClockShows() {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("WallClockTests: -Dbroker.seed=" + seed);
		Random random = new Random(seed);
		for (int i = 0; i < 100_000; i++) {
			pass(random.nextLong(random.nextBoolean() ? 2_000_000_000 : WallClock.GOOD_FOR_NANOS));
			assertThat(this.clock.now()).isEqualTo(Moment.of(this.nanos, this.wall));
		}
	}

	@Test
	void whoReadTheTimeBeforeAnotherLookedIsShownThatTime() {
		Moment exactly = Moment.of(1_000, BEGIN);
		assertThat(exactly.plus(-1)).isEqualTo(Moment.of(999, BEGIN.minusNanos(1)));
	}

	@Test
	void aThreadThatWasPausedBetweenTheTwoClocksLooksAgainButNotForEver() {
		this.pause = WallClock.CLOSE_NANOS + 1;
		pass(2 * WallClock.GOOD_FOR_NANOS);
		this.looks = 0;
		this.clock.now();
		assertThat(this.looks).isEqualTo(5);
	}

	@Test
	void aPauseThatPassesIsNotShown() {
		pass(2 * WallClock.GOOD_FOR_NANOS);
		this.pause = WallClock.GOOD_FOR_NANOS / 2;
		WallClock paused = new WallClock(() -> this.nanos, () -> {
			Instant seen = look();
			this.pause = 0;
			return seen;
		});
		assertThat(paused.now()).isEqualTo(Moment.of(this.nanos, this.wall));
	}

}
