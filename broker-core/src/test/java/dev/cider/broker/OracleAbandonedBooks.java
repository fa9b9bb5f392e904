package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An oracle's books of the incarnations that live though nobody waits for them any more,
 * and of those that were left to the next broker.
 */
final class OracleAbandonedBooks {

	private final @Nullable OracleAbandonedBooks earlier;

	private List<OracleIncarnationBooks> living = new ArrayList<>();

	private List<OracleIncarnationBooks> bequest = List.of();

	private long inAll;

	OracleAbandonedBooks(@Nullable OracleAbandonedBooks earlier) {
		this.earlier = earlier;
	}

	void add(OracleIncarnationBooks life) {
		this.living.add(life);
		this.inAll++;
	}

	/** One that ended counts no longer. */
	void settle(OracleIncarnationBooks life) {
		if (life.count() == 0) {
			life.check();
			this.living.remove(life);
		}
	}

	@Nullable OracleIncarnationBooks find(long incarnation) {
		return find(this.living, incarnation);
	}

	private static @Nullable OracleIncarnationBooks find(List<OracleIncarnationBooks> lives, long incarnation) {
		for (OracleIncarnationBooks life : lives) {
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
	private OracleIncarnationBooks handedOver(long incarnation) {
		OracleIncarnationBooks life = find(this.bequest, incarnation);
		return (life != null) ? life : this.earlier.handedOver(incarnation);
	}

	int count() {
		int count = 0;
		for (OracleIncarnationBooks life : this.living) {
			count += life.count();
		}
		return count;
	}

	List<OracleIncarnationBooks> living() {
		return this.living;
	}

	List<OracleIncarnationBooks> bequest() {
		return this.bequest;
	}

	long inAll() {
		return this.inAll;
	}

}
