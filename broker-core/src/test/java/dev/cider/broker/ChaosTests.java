package dev.cider.broker;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random lives on real threads, from a printed seed: the promises G1 to G6, G8 and G10 to
 * G13 in each, and after each batch nothing is left (G15).
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ChaosTests {

	/** Half of them on each kind of thread there is; more for a long night. */
	private static final int LIVES = Integer.getInteger("broker.lives", 6_000);

	private static final int BATCH = 2500;

	/** Lives at the same time: they mostly wait. */
	private static final int AT_ONCE = 24;

	private static final int LIVES_PER_KIND = LIVES / 2;

	private final Tally tally = new Tally();

	@Test
	void everyPromiseHoldsInRandomLivesOnPlatformThreads() {
		live(Thread::new, true);
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void everyPromiseHoldsInRandomLivesOnVirtualThreads() throws Exception {
		Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
		Class<?> type = Class.forName("java.lang.Thread$Builder");
		live((ThreadFactory) type.getMethod("factory").invoke(builder), false);
	}

	private void live(ThreadFactory threads, boolean platform) {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("ChaosTests: -Dbroker.seed=" + seed);
		long begin = System.nanoTime();
		for (int done = 0; done < LIVES_PER_KIND; done += BATCH) {
			batch(new ChaosDice(seed, done), Math.min(BATCH, LIVES_PER_KIND - done), threads, platform);
		}
		System.out.printf("ChaosTests: %d lives on %s threads in %.1f s: %s%n", LIVES_PER_KIND,
				platform ? "platform" : "virtual", (System.nanoTime() - begin) / 1e9, this.tally);
		List.of("crash CREATE", "crash START", "crash SERVE", "crash HANG", "drop", "abandoned", "stuck at the end",
				"factory gave null", "factory gave an instance again", "factory hung", "factory hung, deaf",
				"serve hung", "serve hung, deaf", "close hung", "ThreadFactory threw", "ThreadFactory gave null",
				"ThreadFactory hung", "monitor hung", "monitor threw", "operation refused", "stopped for good",
				"terminated before its time", "terminated by the operator", "announced", "announced by an operator",
				"threw after the announcement", "returned after the announcement", "refused after the announcement",
				"ready", "closed before it was ready", "group made", "drop inside ended a group",
				"stuck inside at the end", "awaited by an operator", "shut down in FACTORY", "shut down in SERVE",
				"shut down in CLOSE")
			.forEach((kind) -> assertThat(this.tally.of(kind)).as("how often: " + kind)
				.isGreaterThan(LIVES_PER_KIND / 1000));
	}

	private void batch(ChaosDice seeds, int lives, ThreadFactory threads, boolean platform) {
		Leftovers leftovers = new Leftovers();
		liveAndForget(seeds, lives, threads, platform, leftovers);
		leftovers.awaitNoThreads();
		leftovers.awaitNone();
	}

	/** In a method of its own, for what it knows must not keep anything alive. */
	private void liveAndForget(ChaosDice seeds, int lives, ThreadFactory threads, boolean platform,
			Leftovers leftovers) {
		ExecutorService runners = Executors.newFixedThreadPool(AT_ONCE);
		ExecutorService operators = Executors.newCachedThreadPool();
		ChaosReader reader = new ChaosReader();
		try {
			operators.execute(reader);
			List<Future<?>> all = IntStream.range(0, lives).<Future<?>>mapToObj((i) -> {
				long seed = Long.getLong("broker.life", seeds.next());
				return runners.submit(() -> {
					boolean own = platform && new ChaosDice(seed, "threads").chance(40);
					ChaosLife life = new ChaosLife(seed, own ? null : threads, platform, operators, this.tally,
							leftovers);
					reader.add(life);
					try {
						life.live();
					}
					finally {
						reader.remove(life);
					}
				});
			}).toList();
			AtomicReference<Throwable> first = new AtomicReference<>();
			for (Future<?> life : all) {
				try {
					life.get();
				}
				catch (Exception failed) {
					first.compareAndSet(null, failed);
				}
			}
			if (first.get() != null) {
				throw new AssertionError(first.get().getMessage(), first.get());
			}
		}
		finally {
			reader.end();
			runners.shutdownNow();
			operators.shutdown();
		}
	}

}
