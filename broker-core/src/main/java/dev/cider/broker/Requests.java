package dev.cider.broker;

import java.util.List;

import dev.cider.broker.Signal.Request;
import dev.cider.broker.Signal.Restart;
import dev.cider.broker.Signal.Start;
import dev.cider.broker.Signal.Stop;
import dev.cider.broker.Signal.StopThen;
import org.jspecify.annotations.Nullable;

/**
 * What several requests of operators for one endpoint come to, if nothing else happens to
 * it between them: one of {@code stop}, {@code start}, {@code restart}, or a {@code stop}
 * and then one of the others. It leads where the requests lead one after another; only
 * incarnations that a later one of them would have ended are not launched. So ten
 * thousand requests that wait are one.
 */
final class Requests {

	private Requests() {
	}

	/**
	 * Joins two signals that come one right after another.
	 * @return what stands for both; or {@code null} if they are not both requests
	 */
	static @Nullable Request join(Signal earlier, Signal later) {
		return (earlier instanceof Request first && later instanceof Request second) ? join(first, second) : null;
	}

	private static Request join(Request earlier, Request later) {
		if (later instanceof Stop || later instanceof StopThen) {
			return later;
		}
		if (earlier instanceof Stop) {
			return new StopThen(later);
		}
		if (earlier instanceof StopThen stopped) {
			Request next = joinLaunches(stopped.next(), later);
			return (next == stopped.next()) ? stopped : new StopThen(next);
		}
		return joinLaunches(earlier, later);
	}

	/** A start of what was just launched is too late; a restart launches, too. */
	private static Request joinLaunches(Request earlier, Request later) {
		return (earlier instanceof Restart || later instanceof Start) ? earlier : later;
	}

	/**
	 * What the machine is to be told, one after another.
	 */
	static List<Signal> inOrder(Signal signal) {
		return (signal instanceof StopThen stopped) ? List.of(StopThen.STOP, stopped.next()) : List.of(signal);
	}

}
