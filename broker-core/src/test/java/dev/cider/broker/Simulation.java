package dev.cider.broker;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import dev.cider.broker.SimulatedWorld.Omissions;

/**
 * Plays one random world after the other, each with a seed of its own.
 */
final class Simulation {

	private final SimulatedMachine brain;

	private final RandomGenerator seeds;

	private long worlds;

	private long steps;

	private long abandoned;

	private long drops;

	private long continued;

	private long endedByThemselves;

	private long admissions;

	private long explanations;

	Simulation(long seed, SimulatedMachine brain) {
		this.brain = brain;
		this.seeds = new SplittableRandom(seed);
	}

	/**
	 * Plays until so many signals were told in all.
	 * @throws AssertionError if a promise is broken; its message is the shortest story
	 */
	Simulation play(long untilSteps) {
		while (this.steps < untilSteps) {
			playWorld(this.seeds.nextLong());
		}
		return this;
	}

	Simulation playWorld(long seed) {
		SimulatedWorld world = new SimulatedWorld(seed, this.brain, Omissions.NONE);
		try {
			world.play();
		}
		catch (RuntimeException | AssertionError broken) {
			this.steps += world.story().steps();
			throw new AssertionError(String.valueOf(SimulationCounterexample.of(seed, this.brain)), broken);
		}
		this.worlds++;
		this.steps += world.story().steps();
		this.continued += world.brokers().size() - 1;
		for (SimulatedBroker broker : world.brokers()) {
			this.endedByThemselves += broker.endedByItself() ? 1 : 0;
			for (EndpointOracle oracle : broker.oracles()) {
				this.abandoned += oracle.abandonedInAll();
				this.admissions += oracle.admissions();
				this.explanations += oracle.explanations();
			}
		}
		SimulatedBroker last = world.brokers().get(world.brokers().size() - 1);
		last.oracles().forEach((oracle) -> this.drops += oracle.drops());
		return this;
	}

	long steps() {
		return this.steps;
	}

	long abandoned() {
		return this.abandoned;
	}

	long drops() {
		return this.drops;
	}

	long continued() {
		return this.continued;
	}

	long admissions() {
		return this.admissions;
	}

	long explanations() {
		return this.explanations;
	}

	long endedByThemselves() {
		return this.endedByThemselves;
	}

	@Override
	public String toString() {
		return "%,d steps in %,d worlds; %,d incarnations abandoned, %,d drops, %,d brokers ended by themselves, %,d continued, %,d admissions, %,d errors explained"
			.formatted(this.steps, this.worlds, this.abandoned, this.drops, this.endedByThemselves, this.continued,
					this.admissions, this.explanations);
	}

}
