package dev.cider.broker;

import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * What is done with lists of incarnations. They are immutable, so that anybody may read
 * one while the draining thread makes the next.
 */
final class Incarnations {

	private Incarnations() {
	}

	static List<Incarnation> with(List<Incarnation> some, Incarnation another) {
		if (some.isEmpty()) {
			return List.of(another);
		}
		Incarnation[] all = some.toArray(new Incarnation[some.size() + 1]);
		all[some.size()] = another;
		return List.of(all);
	}

	static List<Incarnation> join(List<Incarnation> some, List<Incarnation> more) {
		return Stream.concat(some.stream(), more.stream()).toList();
	}

	/**
	 * Those whose numbers pass: the same list if all do.
	 */
	static List<Incarnation> retain(List<Incarnation> some, LongPredicate numbers) {
		int left = 0;
		Incarnation last = null;
		for (Incarnation each : some) {
			if (numbers.test(each.incarnation())) {
				left++;
				last = each;
			}
		}
		if (left == some.size()) {
			return some;
		}
		if (left <= 1) {
			return (last != null) ? List.of(last) : List.of();
		}
		return some.stream().filter((incarnation) -> numbers.test(incarnation.incarnation())).toList();
	}

	static Incarnation get(List<Incarnation> some, long number) {
		for (Incarnation each : some) {
			if (each.incarnation() == number) {
				return each;
			}
		}
		throw new IllegalStateException("incarnation " + number + " is not alive");
	}

}
