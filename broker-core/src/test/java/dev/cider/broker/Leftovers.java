package dev.cider.broker;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * Finds what should be gone: objects that were watched and can still be reached, and
 * threads of a broker that are still alive.
 */
final class Leftovers {

	private final Queue<WeakReference<Object>> watched = new ConcurrentLinkedQueue<>();

	/** What other tests have left is none of ours. */
	private final Set<Thread> before = Thread.getAllStackTraces().keySet();

	<T> T watch(T object) {
		this.watched.add(new WeakReference<>(object));
		return object;
	}

	int watched() {
		return this.watched.size();
	}

	/** How many of those that were watched can still be reached. */
	int left() {
		System.gc();
		return classes().size();
	}

	/** Waits until nothing that was watched can be reached any more. */
	void awaitNone() {
		awaitNone(() -> {
		});
	}

	/**
	 * Waits until nothing that was watched can be reached any more.
	 * @param meanwhile makes other threads go on; is called before each look
	 */
	void awaitNone(Runnable meanwhile) {
		// A thread that has just ended may still hold what it ran.
		Poll.until(() -> "these to become unreachable: " + classes().stream().limit(10).toList(), Duration.ofMillis(50),
				() -> {
					meanwhile.run();
					return left() == 0;
				});
	}

	private List<String> classes() {
		this.watched.removeIf((reference) -> reference.get() == null);
		return this.watched.stream()
			.map(WeakReference::get)
			.filter((object) -> object != null)
			.map((object) -> object.getClass().getName())
			.toList();
	}

	/** The live threads of brokers since this began; virtual ones are not among them. */
	List<String> threads() {
		return ofBrokers().map(Thread::getName).sorted().toList();
	}

	Stream<Thread> ofBrokers() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.isAlive() && !this.before.contains(thread))
			.filter((thread) -> thread.getName().startsWith("broker-"));
	}

	void awaitNoThreads() {
		Poll.until(() -> "threads of brokers to end: " + threads(), Duration.ofMillis(20), () -> threads().isEmpty());
	}

}
