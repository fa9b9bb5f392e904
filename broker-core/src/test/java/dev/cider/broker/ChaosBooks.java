package dev.cider.broker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * What the factory of one endpoint and its instances saw of the broker in one life.
 */
final class ChaosBooks {

	private final String id;

	private final ChaosRecord chaos;

	private final Map<Long, Entry> entries = new ConcurrentHashMap<>();

	/** Whether the last stop, or terminate, has returned. */
	private volatile boolean over;

	ChaosBooks(String id, ChaosRecord chaos) {
		this.id = id;
		this.chaos = chaos;
	}

	/**
	 * The factory is called.
	 * @param abandonedBefore how many were shown as abandoned, read before this
	 */
	Entry createBegins(int abandonedBefore) {
		String thread = Thread.currentThread().getName();
		String prefix = "broker-" + this.id + "-";
		this.chaos.claim(thread.startsWith(prefix), "G2: create runs on the incarnation's thread", thread);
		long number = Long.parseLong(thread.substring(prefix.length()));
		Entry entry = new Entry(number, this.over);
		this.chaos.claim(this.entries.put(number, entry) == null, "G1: create is called once", number);
		List<Long> living = livingBefore(number);
		this.chaos.claim(living.size() <= abandonedBefore, "G4: they live unabandoned when the next is made", this.id,
				living, number);
		return entry;
	}

	private List<Long> livingBefore(long number) {
		return living().stream().filter((earlier) -> earlier < number).toList();
	}

	/** Those that have not ended. Never fewer than the broker has heard to have ended. */
	List<Long> living() {
		return this.entries.values().stream().filter((entry) -> !entry.isOver()).map((entry) -> entry.number).toList();
	}

	/** A stop has returned that nobody will revoke, or terminate. */
	void saysStop() {
		this.over = true;
	}

	@Nullable Throwable thrownBy(long incarnation) {
		Entry entry = this.entries.get(incarnation);
		return (entry != null) ? entry.thrown : null;
	}

	void checkTheEnd(EndpointSnapshot last) {
		this.chaos.claim(this.entries.size() <= last.starts(), "G1: made more often than started", last);
		this.entries.forEach((number, entry) -> {
			this.chaos.claim(number <= last.starts(), "G1: never started", number, last);
			this.chaos.claim(entry.isOver(), "it has ended", this.id, number);
			this.chaos.claim(entry.closes.get() == (entry.made ? 1 : 0), "G3: closed once if it was made", this.id,
					number, entry.closes);
		});
	}

	/** One incarnation. */
	final class Entry {

		private final long number;

		private final boolean tooLate;

		private final AtomicInteger serves = new AtomicInteger();

		private final AtomicInteger closes = new AtomicInteger();

		private volatile boolean made;

		private volatile boolean createOver;

		private volatile boolean serving;

		private volatile boolean closeOver;

		private volatile @Nullable Throwable thrown;

		Entry(long number, boolean tooLate) {
			this.number = number;
			this.tooLate = tooLate;
		}

		long number() {
			return this.number;
		}

		/**
		 * The factory is about to return a new instance, or nothing that is to be closed.
		 */
		void createEnds(boolean made) {
			this.made = made;
			this.createOver = true;
		}

		void serveBegins() {
			this.serving = true;
			ChaosBooks books = ChaosBooks.this;
			Thread thread = Thread.currentThread();
			books.chaos.claim(!this.tooLate, "G8: what is made after the stop is never served", books.id, this.number);
			books.chaos.claim(this.serves.incrementAndGet() == 1, "G2: served once");
			books.chaos.claim(thread.getName().equals("broker-" + books.id + "-" + this.number),
					"G2: the thread's name", this.number, books.id, thread);
			books.chaos.claim(books.chaos.servers().add(thread), "G2: a thread of its own");
		}

		void serveEnds(@Nullable Throwable thrown) {
			this.thrown = thrown;
			this.serving = false;
		}

		void closeBegins() {
			ChaosBooks books = ChaosBooks.this;
			String name = "broker-" + books.id + "-" + this.number;
			String thread = Thread.currentThread().getName();
			books.chaos.claim(this.closes.incrementAndGet() == 1, "G3: closed once");
			books.chaos.claim(thread.equals(name) || thread.equals(name + "-close"), "4.4: the closing thread's name",
					thread);
		}

		void closeEnds() {
			this.closeOver = true;
		}

		boolean isOver() {
			return this.createOver && (!this.made || (this.closeOver && !this.serving));
		}

	}

}
