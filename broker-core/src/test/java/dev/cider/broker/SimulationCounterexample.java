package dev.cider.broker;

import java.util.HashSet;
import java.util.Set;

import dev.cider.broker.SimulatedWorld.Omissions;
import org.jspecify.annotations.Nullable;

/**
 * A world that broke a promise, with the shortest story of it that was found.
 *
 * @param seed the world's seed
 * @param broken which promise, and where
 * @param steps how many signals the whole world told until then
 * @param requests how many requests it had until then
 * @param omissions what can be left out without mending it
 * @param story what happens then, up to the first step that breaks the promise
 * @param storySteps how many signals that are
 */
record SimulationCounterexample(long seed, Throwable broken, int steps, int requests, Omissions omissions,
		SimulationStory story, int storySteps) {

	static @Nullable SimulationCounterexample of(long seed, SimulatedMachine brain) {
		SimulationCounterexample found = attempt(seed, brain, Omissions.NONE);
		return (found != null) ? found.shrunk(brain) : null;
	}

	private static @Nullable SimulationCounterexample attempt(long seed, SimulatedMachine brain, Omissions omissions) {
		SimulatedWorld world = new SimulatedWorld(seed, brain, omissions);
		try {
			world.play();
			return null;
		}
		catch (RuntimeException | AssertionError broken) {
			int steps = world.story().steps();
			return new SimulationCounterexample(seed, broken, steps, world.requests(), omissions, world.story(), steps);
		}
	}

	/** Leaves out every endpoint and every request that is not needed to break it. */
	private SimulationCounterexample shrunk(SimulatedMachine brain) {
		SimulationCounterexample shortest = this;
		for (String id : new SimulatedWorld(this.seed, brain, Omissions.NONE).ids()) {
			shortest = shortest.without(brain,
					new Omissions(with(shortest.omissions.endpoints(), id), shortest.omissions.requests()));
		}
		for (int request = this.requests - 1; request >= 0; request--) {
			shortest = shortest.without(brain,
					new Omissions(shortest.omissions.endpoints(), with(shortest.omissions.requests(), request)));
		}
		return new SimulationCounterexample(this.seed, shortest.broken, this.steps, this.requests, shortest.omissions,
				shortest.story, shortest.storySteps);
	}

	private SimulationCounterexample without(SimulatedMachine brain, Omissions more) {
		SimulationCounterexample shorter = attempt(this.seed, brain, more);
		boolean better = shorter != null && shorter.storySteps <= this.storySteps && shorter.breaksTheSameAs(this);
		return better ? shorter : this;
	}

	private boolean breaksTheSameAs(SimulationCounterexample other) {
		return String.valueOf(this.broken.getMessage()).equals(String.valueOf(other.broken.getMessage()));
	}

	private static <T> Set<T> with(Set<T> all, T more) {
		Set<T> result = new HashSet<>(all);
		result.add(more);
		return result;
	}

	@Override
	public String toString() {
		return this.broken.getMessage() + "\nafter " + this.steps + " steps of -Dbroker.world=" + this.seed
				+ "; the same after " + this.storySteps + " steps without the endpoints " + this.omissions.endpoints()
				+ " and with " + (this.requests - this.omissions.requests().size()) + " of " + this.requests
				+ " requests:\n" + this.story;
	}

}
