package dev.cider.broker;

import dev.cider.broker.EndpointMachine.Step;

/**
 * What a simulated broker asks when something is to be decided: the machine, or a
 * {@link Mutant} of it.
 */
@FunctionalInterface
interface Brain {

	/** The machine as it is. */
	Brain SOUND = EndpointMachine::on;

	Step on(EndpointMachine machine, Signal signal, Moment now);

	default boolean hasEnded(EndpointMachine machine) {
		return machine.hasEnded();
	}

	default boolean isOver(EndpointMachine machine) {
		return machine.isOver();
	}

	default boolean mayStart(EndpointMachine machine) {
		return machine.mayStart();
	}

}
