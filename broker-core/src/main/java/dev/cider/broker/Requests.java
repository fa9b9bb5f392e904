package dev.cider.broker;

import java.util.List;

import dev.cider.broker.Signal.Request;
import dev.cider.broker.Signal.Restart;
import dev.cider.broker.Signal.Start;
import dev.cider.broker.Signal.Stop;
import dev.cider.broker.Signal.StopThen;
import org.jspecify.annotations.Nullable;

/**
 * Joins several requests of operators for one endpoint, with nothing else between them,
 * to one: a {@code stop}, {@code start} or {@code restart}, or a {@code stop} followed by
 * one of the others. It leads to the same state as the requests one after another; only
 * incarnations that a later request would have ended are not launched. So ten thousand
 * waiting requests are one.
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

	/**
	 * A start after a request that launches changes nothing. A restart launches too, so
	 * it covers a start.
	 */
	private static Request joinLaunches(Request earlier, Request later) {
		return (earlier instanceof Restart || later instanceof Start) ? earlier : later;
	}

	/**
	 * The signals for the machine, in their order.
	 */
	static List<Signal> inOrder(Signal signal) {
		return (signal instanceof StopThen stopped) ? List.of(StopThen.STOP, stopped.next()) : List.of(signal);
	}

}
