package dev.cider.broker;

import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What is done with lists of incarnations. They are immutable, so that anybody may read
 * one while the supervisor at work makes the next.
 */
final class Incarnations {

	private Incarnations() {
	}

	static List<Incarnation> with(List<Incarnation> some, List<Incarnation> more) {
		return some.isEmpty() ? List.copyOf(more) : Stream.concat(some.stream(), more.stream()).toList();
	}

	/**
	 * Those whose numbers pass: the same list if all do.
	 */
	static List<Incarnation> retain(List<Incarnation> some, LongPredicate numbers) {
		for (Incarnation each : some) {
			if (!numbers.test(each.incarnation())) {
				return some.stream().filter((incarnation) -> numbers.test(incarnation.incarnation())).toList();
			}
		}
		return some;
	}

	static Incarnation get(List<Incarnation> some, long number) {
		for (Incarnation each : some) {
			if (each.incarnation() == number) {
				return each;
			}
		}
		throw new IllegalStateException("incarnation " + number + " is not alive");
	}

	static @Nullable Incarnation latest(List<Incarnation> some) {
		Incarnation latest = null;
		for (Incarnation each : some) {
			if (latest == null || each.incarnation() > latest.incarnation()) {
				latest = each;
			}
		}
		return latest;
	}

}
