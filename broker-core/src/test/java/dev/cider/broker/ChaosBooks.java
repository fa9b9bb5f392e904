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

	/** Whether it was thrown when the end had been announced. */
	boolean excuses(long incarnation, CrashPhase phase) {
		Entry entry = this.entries.get(incarnation);
		return entry != null && ((phase == CrashPhase.CREATE) ? entry.createExcused
				: phase == CrashPhase.SERVE && entry.serveExcused);
	}

	boolean hasSaidReady(long incarnation) {
		Entry entry = this.entries.get(incarnation);
		return entry != null && entry.ready;
	}

	void checkTheEnd(EndpointSnapshot last) {
		this.chaos.claim(this.entries.size() <= last.starts(), "G1: made more often than started", last);
		this.entries.forEach((number, entry) -> {
			this.chaos.claim(number <= last.starts(), "G1: never started", number, last);
			this.chaos.claim(entry.isOver(), "it has ended", this.id, number);
			this.chaos.claim(entry.inner != null || entry.closes.get() == (entry.made ? 1 : 0),
					"G3: closed once if it was made", this.id, number, entry.closes);
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

		private volatile boolean ready;

		private volatile boolean createExcused;

		private volatile boolean serveExcused;

		private volatile @Nullable Throwable thrown;

		/**
		 * The broker that it serves: nobody but that sees how it is served and closed.
		 */
		private volatile @Nullable Broker inner;

		Entry(long number, boolean tooLate) {
			this.number = number;
			this.tooLate = tooLate;
		}

		long number() {
			return this.number;
		}

		void serves(Broker inner) {
			this.inner = inner;
		}

		/** It is about to say that it is ready. */
		void saysReady() {
			this.ready = true;
		}

		/**
		 * The factory is about to return a new instance, or nothing that is to be closed.
		 * @param announced whether the announcement of the end had returned by then
		 */
		void createEnds(boolean made, boolean announced) {
			this.made = made;
			this.createExcused = announced;
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

		/**
		 * It has been served.
		 * @param announced whether the announcement of the end had returned by then
		 */
		void serveEnds(@Nullable Throwable thrown, boolean announced) {
			this.thrown = thrown;
			this.serveExcused = announced;
			this.serving = false;
		}

		void closeBegins() {
			ChaosBooks books = ChaosBooks.this;
			String name = "broker-" + books.id + "-" + this.number;
			String thread = Thread.currentThread().getName();
			books.chaos.claim(this.closes.incrementAndGet() == 1, "G3: closed once");
			books.chaos.claim(thread.equals(name) || thread.equals(name + "-close"), "G19: the closing thread's name",
					thread);
		}

		void closeEnds() {
			this.closeOver = true;
		}

		boolean isOver() {
			return this.createOver
					&& (!this.made || ((this.inner != null) ? !lives(this.inner) : (this.closeOver && !this.serving)));
		}

		/** One that was never served has nothing that could live. */
		private static boolean lives(Broker inner) {
			BrokerState state = inner.state();
			return state == BrokerState.SERVING || state == BrokerState.TERMINATING;
		}

	}

}
