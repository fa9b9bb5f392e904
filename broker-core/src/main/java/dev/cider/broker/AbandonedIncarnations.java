package dev.cider.broker;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The abandoned incarnations of one endpoint. Immutable: any thread may read a value
 * while the draining thread makes the next one.
 */
final class AbandonedIncarnations {

	static final AbandonedIncarnations NONE = new AbandonedIncarnations();

	/** In the order in which they were abandoned. Never written after construction. */
	private final Incarnation[] all;

	private AbandonedIncarnations(Incarnation... all) {
		this.all = all;
	}

	List<Incarnation> asList() {
		return List.of(this.all);
	}

	AbandonedIncarnations add(Incarnation another) {
		Incarnation[] more = Arrays.copyOf(this.all, this.all.length + 1);
		more[this.all.length] = another;
		return new AbandonedIncarnations(more);
	}

	AbandonedIncarnations addAll(List<Incarnation> others) {
		return new AbandonedIncarnations(
				Stream.concat(Arrays.stream(this.all), others.stream()).toArray(Incarnation[]::new));
	}

	/**
	 * The incarnations whose number passes the test: this value itself if all do.
	 */
	AbandonedIncarnations retain(LongPredicate numbers) {
		Incarnation[] retained = new Incarnation[this.all.length];
		int count = 0;
		for (Incarnation each : this.all) {
			if (numbers.test(each.incarnation())) {
				retained[count++] = each;
			}
		}
		if (count == this.all.length) {
			return this;
		}
		return (count == 0) ? NONE : new AbandonedIncarnations(Arrays.copyOf(retained, count));
	}

	boolean isEmpty() {
		return this.all.length == 0;
	}

	/**
	 * The incarnation of this number, or {@code null} if it is not among these.
	 */
	@Nullable Incarnation get(long number) {
		for (Incarnation each : this.all) {
			if (each.incarnation() == number) {
				return each;
			}
		}
		return null;
	}

}
