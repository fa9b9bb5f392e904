package dev.cider.broker;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Knows of which kinds of crash the log has written the stack within the last minute, for
 * all endpoints of a broker. So 1,000 endpoints that lose the same server do not write
 * 1,000 stacks. Remembers at most {@value #CAPACITY} kinds. Used by the log's thread
 * only.
 */
final class LoggedStacks {

	/** With more kinds in a minute, a stack may be written again earlier. */
	static final int CAPACITY = 256;

	private static final long MINUTE_NANOS = 60_000_000_000L;

	private static final DateTimeFormatter TIME_OF_DAY = DateTimeFormatter.ofPattern("HH:mm:ss");

	private final LongSupplier nanos;

	/** Oldest first: a stack enters when it is written. */
	private final Map<Kind, Stack> stacks = new LinkedHashMap<>();

	LoggedStacks(LongSupplier nanos) {
		this.nanos = nanos;
	}

	/**
	 * Counts a crash.
	 * @return where its stack is, or {@code null} if it was not written within the last
	 * minute
	 */
	@Nullable Stack find(Kind kind) {
		forgetOld();
		Stack stack = this.stacks.get(kind);
		if (stack != null) {
			stack.crashesSince++;
		}
		return stack;
	}

	/**
	 * Remembers that the log has written a stack.
	 * @param id of the endpoint whose line has it
	 * @param at when that endpoint crashed
	 */
	void written(Kind kind, String id, Instant at) {
		if (this.stacks.size() >= CAPACITY) {
			Iterator<Kind> oldest = this.stacks.keySet().iterator();
			oldest.next();
			oldest.remove();
		}
		this.stacks.put(kind, new Stack(id, at, this.nanos.getAsLong()));
	}

	private void forgetOld() {
		long now = this.nanos.getAsLong();
		Iterator<Stack> oldest = this.stacks.values().iterator();
		while (oldest.hasNext() && now - oldest.next().written >= MINUTE_NANOS) {
			oldest.remove();
		}
	}

	/**
	 * A kind of crash. The type tells apart two errors whose fingerprints are equal by
	 * chance.
	 *
	 * @param fingerprint of the error and its causes
	 * @param type of the error
	 */
	record Kind(int fingerprint, String type) {

	}

	/**
	 * A stack in the log.
	 */
	static final class Stack {

		private final String id;

		private final Instant at;

		private final long written;

		private long crashesSince;

		private Stack(String id, Instant at, long written) {
			this.id = id;
			this.at = at;
			this.written = written;
		}

		/** As the end of a line; the time of day is local, as most backends print it. */
		@Override
		public String toString() {
			return "stack: see endpoint '" + this.id + "', "
					+ TIME_OF_DAY.format(LocalTime.ofInstant(this.at, ZoneId.systemDefault())) + "; "
					+ this.crashesSince + " more since";
		}

	}

}
