package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An oracle's books of the incarnations that live though nobody waits for them any more,
 * and of those that were left to the next broker.
 */
final class AbandonedBooks {

	private final @Nullable AbandonedBooks earlier;

	private List<Life> living = new ArrayList<>();

	private List<Life> bequest = List.of();

	private long inAll;

	AbandonedBooks(@Nullable AbandonedBooks earlier) {
		this.earlier = earlier;
	}

	void add(Life life) {
		this.living.add(life);
		this.inAll++;
	}

	/** One that ended counts no longer. */
	void settle(Life life) {
		if (life.count() == 0) {
			life.check();
			this.living.remove(life);
		}
	}

	@Nullable Life find(long incarnation) {
		return find(this.living, incarnation);
	}

	private static @Nullable Life find(List<Life> lives, long incarnation) {
		for (Life life : lives) {
			if (life.incarnation == incarnation) {
				return life;
			}
		}
		return null;
	}

	void handOver() {
		this.bequest = this.living;
		this.living = new ArrayList<>();
	}

	void takeOver(List<Abandoned> runs) {
		runs.forEach((run) -> this.living.add(this.earlier.handedOver(run.incarnation())));
	}

	/** By this broker, or through it by an earlier one that was slow. */
	private Life handedOver(long incarnation) {
		Life life = find(this.bequest, incarnation);
		return (life != null) ? life : this.earlier.handedOver(incarnation);
	}

	int count() {
		int count = 0;
		for (Life life : this.living) {
			count += life.count();
		}
		return count;
	}

	List<Life> living() {
		return this.living;
	}

	List<Life> bequest() {
		return this.bequest;
	}

	long inAll() {
		return this.inAll;
	}

}
