package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G1: an instance is new once, however many there are and however many are gone. Races
 * are explored by {@link InterleavingTests}.
 */
class SeenInstancesTests {

	private final SeenInstances seen = new SeenInstances();

	/** After the additions that follow a collection, and after a sweep. */
	@Test
	void g15OfInstancesThatAreGoneNothingStays() {
		addNew(100_000);
		List<Endpoint> kept = addNew(100);
		System.gc();
		addNew(20_000);
		System.gc();
		assertThat(this.seen.size()).isLessThan(40_000);
		addNew(10_000);
		assertThat(this.seen.size()).isLessThan(20_000);
		System.gc();
		this.seen.sweep();
		assertThat(this.seen.size()).isLessThan(200);
		assertThat(kept).noneMatch(this.seen::add);
	}

	private List<Endpoint> addNew(int count) {
		List<Endpoint> added = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			Endpoint instance = new Puppet();
			assertThat(this.seen.add(instance)).isTrue();
			added.add(instance);
		}
		return added;
	}

	@Test
	void eachOfManyIsNewOnce() {
		List<Endpoint> all = addNew(5_000);
		assertThat(all).noneMatch(this.seen::add);
	}

	@Test
	void whatLivesIsKnownWhileTheRestIsForgotten() {
		List<Endpoint> kept = addNew(100);
		for (int i = 0; i < 20; i++) {
			addNew(1_000);
			System.gc();
			assertThat(kept).noneMatch(this.seen::add);
		}
	}

}
