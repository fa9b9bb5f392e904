package dev.cider.broker;

import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The incarnations of one endpoint that are alive: at most one, and those that were
 * abandoned. Changed only while its supervisor is at work; read by anyone.
 */
final class Incarnations {

	private volatile List<Incarnation> alive = List.of();

	void add(List<Incarnation> more) {
		this.alive = Stream.concat(this.alive.stream(), more.stream()).toList();
	}

	void retain(LongPredicate numbers) {
		if (!this.alive.stream().allMatch((incarnation) -> numbers.test(incarnation.incarnation()))) {
			this.alive = this.alive.stream().filter((incarnation) -> numbers.test(incarnation.incarnation())).toList();
		}
	}

	Incarnation get(long number) {
		return this.alive.stream()
			.filter((incarnation) -> incarnation.incarnation() == number)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("incarnation " + number + " is not alive"));
	}

	@Nullable Incarnation latest() {
		Incarnation latest = null;
		for (Incarnation incarnation : this.alive) {
			if (latest == null || incarnation.incarnation() > latest.incarnation()) {
				latest = incarnation;
			}
		}
		return latest;
	}

	List<Incarnation> alive() {
		return this.alive;
	}

}
