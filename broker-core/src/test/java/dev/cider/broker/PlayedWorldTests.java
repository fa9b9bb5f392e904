package dev.cider.broker;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Plays real brokers on real threads, one of which runs at a time, in an order that
 * chance decides, and checks what they promise (G1 to G6, G8, G10 to G12), also after the
 * end was announced and while endpoints are not ready. A failure prints its seed, which
 * plays the same order again.
 */
class PlayedWorldTests {

	/** How many worlds; {@code -Dbroker.worlds} for a long night. */
	private static final int WORLDS = Integer.getInteger("broker.worlds", 1_000);

	private final Tally tally = new Tally();

	private long turns;

	private long abandoned;

	private long crashes;

	@Test
	void everyPromiseHoldsInWhateverOrderTheThreadsRun() {
		play(WORLDS, (endpoint) -> endpoint);
		System.out.println("PlayedWorldTests: " + this.turns + " turns, " + this.crashes + " crashes, " + this.abandoned
				+ " abandoned, " + this.tally);
		// Some checks bind only while nothing waits: they must not check nothing.
		List.of("announcement, idle", "crash, idle", "goes on, idle", "ready, idle", "stop, idle", "termination, idle")
			.forEach((check) -> assertOccurs(check, WORLDS / 10));
		List.of("closed the application", "ended by itself, idle", "excused", "has not said that it serves",
				"refused after the announcement", "serves since it said so")
			.forEach((event) -> assertOccurs(event, WORLDS / 200));
		assertThat(this.crashes).as("crashes, or the worlds prove little").isGreaterThan(WORLDS / 10);
		assertThat(this.abandoned).as("abandoned, or the worlds prove little").isGreaterThan(WORLDS / 100);
	}

	private void assertOccurs(String what, int least) {
		assertThat(this.tally.of(what)).as("how often: " + what).isGreaterThan(least);
	}

	/**
	 * The control: a factory that closes what it made when it sees that a stop came
	 * meanwhile. The broker does so too: closed twice, but only if the stop comes just
	 * then.
	 */
	@Test
	void aCloseThatHappensTwiceInOneOrderOnlyIsFound() {
		assertThatThrownBy(() -> play(WORLDS, (endpoint) -> (context) -> {
			Endpoint made = endpoint.create(context);
			if (context.closing()) {
				made.close();
			}
			return made;
		})).isInstanceOf(AssertionError.class).hasMessageContaining("G3: closed twice");
	}

	@Test
	void theSameSeedPlaysTheSameOrder() throws Throwable {
		for (long seed = 0; seed < 20; seed++) {
			PlayedWorld once = new PlayedWorld(seed, (endpoint) -> endpoint, this.tally);
			PlayedWorld again = new PlayedWorld(seed, (endpoint) -> endpoint, this.tally);
			assertThat(once.play()).isEqualTo(again.play());
			assertThat(once.story()).isEqualTo(again.story());
		}
	}

	private void play(int worlds, Function<PlayedEndpoint, ContextualEndpointFactory> wrapping) {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("PlayedWorldTests: -Dbroker.seed=" + seed);
		RandomGenerator seeds = new SplittableRandom(seed);
		for (int world = 0; world < worlds; world++) {
			long worldSeed = seeds.nextLong();
			PlayedWorld played = new PlayedWorld(worldSeed, wrapping, this.tally);
			try {
				this.turns += played.play();
			}
			catch (Throwable broken) {
				throw new AssertionError("World " + worldSeed + " of seed " + seed + ": " + broken.getMessage() + "\n"
						+ String.join("\n", played.story()), broken);
			}
			this.abandoned += played.abandoned();
			this.crashes += played.crashes();
		}
	}

}
