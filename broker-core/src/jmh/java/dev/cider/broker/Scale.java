package dev.cider.broker;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What it costs to supervise few and many endpoints, beside what it costs at the least,
 * in turn in one JVM. Prints a line of JSON per figure.
 *
 * <pre class="code">
 * java -Xmx8g -cp broker-core/target/benchmarks.jar dev.cider.broker.Scale [endpoints] [rounds] [options]
 * </pre>
 *
 * Without a number of endpoints: 1,000, 10,000, 100,000 and 1,000,000. Five rounds unless
 * said otherwise. A million need {@code -Xmx8g}, and minutes.
 * <p>
 * Ours is a {@link Broker} whose endpoints idle in a park on virtual threads, without a
 * monitor and with a log that writes nothing. {@code floor} and {@code ratio} are against
 * the floor that {@code floorIs} names: {@code loop}, the bare loop on one thread per
 * endpoint, or {@code fresh}, a fresh thread per incarnation; {@code otherFloor} and
 * {@code otherRatio} are against the other one. Both name their threads as ours, and
 * close each endpoint on a thread of its own. All values are medians of the rounds.
 * <ul>
 * <li>{@code registration}: live heap per endpoint once it is registered, in bytes; and
 * the time that it takes, {@code oursMs}
 * <li>{@code memory}: live heap per endpoint while it serves, registration included. The
 * ids are the user's and are not counted, on no side
 * <li>{@code start}: from the call until the last instance has begun to serve
 * <li>{@code stop}: from the call until {@link Broker#terminated()} is done, or the last
 * thread of a floor is at its end
 * <li>{@code storm}: each instance is told to crash, until the last replacement serves
 * <li>{@code restart-throughput}: restarts per second of one endpoint that crashes as
 * soon as it serves, with a new exception and its stack trace each time
 * <li>{@code start-garbage}: bytes allocated per start less the growth of the live heap;
 * {@code stop-bytes} and {@code restart-bytes}: bytes allocated per stop and per restart.
 * All by the JVM's own counter, over all threads
 * <li>{@code start-collector}, {@code storm-collector}, {@code restart-collector}: the
 * part of the time before that the garbage collector took
 * <li>{@code restart-p50}: from the throw until the replacement serves, one crash every
 * half millisecond; with {@code oursP99} and {@code floorP99}
 * <li>{@code snapshot}: reading the snapshot of one endpoint again and again, or in
 * {@code oursScattered} always of another one; the floor is a volatile read of a record.
 * {@code listing}: reading all of them; the floor is a copy of as many records. Once
 * while all are {@code idle}, and once while all of them are {@code crashing} and
 * restarted without a pause
 * </ul>
 * With {@code --platform} all sides run on platform threads, 5,000 endpoints if nothing
 * else is said; {@code threadsPerEndpoint} is how many threads there are while all idle.
 * <p>
 * {@code --carriers} measures instead restarts per second and a storm of 100,000 on one
 * carrier thread and on all, each sample in a process of its own: as many as there are
 * rounds. {@code oursEach} and {@code floorEach} list the samples; the floor has two
 * modes, see {@link Carriers}.
 * <p>
 * {@code --healthy} measures instead what all threads allocate and how often they wake up
 * per second while all endpoints idle. {@code --hold=ours}, {@code loop} or {@code fresh}
 * only serves until the input ends, for a profiler or {@code jcmd}.
 */
public final class Scale {

	private static final List<Integer> SIZES = List.of(1_000, 10_000, 100_000, 1_000_000);

	private Scale() {
	}

	/**
	 * Measures and prints.
	 * @param args the number of endpoints, the number of rounds, options
	 */
	public static void main(String[] args) {
		// There is no backend, on purpose.
		System.setProperty("slf4j.internal.verbosity", "ERROR");
		List<String> options = Arrays.stream(args).filter((arg) -> arg.startsWith("--")).toList();
		int[] numbers = Arrays.stream(args)
			.filter((arg) -> !arg.startsWith("--"))
			.mapToInt((arg) -> Integer.parseInt(arg.replace("_", "")))
			.toArray();
		boolean platform = options.contains("--platform");
		ThreadKind kind = platform ? ThreadKind.PLATFORM : ThreadKind.VIRTUAL;
		List<Integer> sizes = (numbers.length > 0) ? List.of(numbers[0]) : platform ? List.of(5_000) : SIZES;
		int rounds = (numbers.length > 1) ? numbers[1] : 5;
		Optional<Side> held = options.stream()
			.filter((option) -> option.startsWith("--hold="))
			.map((option) -> Side.valueOf(option.substring("--hold=".length()).toUpperCase(Locale.ROOT)))
			.findFirst();
		if (options.contains("--sample")) {
			Carriers.sample();
		}
		else if (options.contains("--carriers")) {
			new Carriers(rounds).measure();
		}
		else if (held.isPresent()) {
			hold(held.get().crowd(Side.ids(sizes.get(0)), kind));
		}
		else if (options.contains("--healthy")) {
			sizes.forEach((n) -> attempt(() -> new Health(n, rounds, kind).measure()));
		}
		else {
			measure(sizes, rounds, kind);
		}
		System.exit(0);
	}

	private static void measure(List<Integer> sizes, int rounds, ThreadKind kind) {
		sizes.forEach((n) -> attempt(() -> new Growth(n, rounds, kind).measure()));
		if (kind == ThreadKind.VIRTUAL) {
			attempt(() -> new Restarts(rounds, kind).measure());
			attempt(() -> new Views(10_000, rounds, kind).measure());
		}
	}

	/** Serves until the input ends. */
	private static void hold(Crowd crowd) {
		crowd.register();
		crowd.startAndAwait();
		System.out.println("serving in process " + ProcessHandle.current().pid());
		try {
			while (System.in.read() >= 0) {
				crowd.awaitIdle();
			}
		}
		catch (IOException closed) {
			// That is the end, too.
		}
		crowd.stop();
	}

	/** What cannot be had must not cost the other figures. */
	private static void attempt(Runnable measuring) {
		try {
			measuring.run();
		}
		catch (Snag | OutOfMemoryError snag) {
			System.err.println("given up: " + snag);
		}
	}

}
