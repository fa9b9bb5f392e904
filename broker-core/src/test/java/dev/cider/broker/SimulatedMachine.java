package dev.cider.broker;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a simulated broker asks when something is to be decided: the machine, or a
 * {@link Mutant} of it.
 */
@FunctionalInterface
interface SimulatedMachine {

	/** The machine as it is. */
	SimulatedMachine SOUND = EndpointMachine::on;

	Step on(EndpointMachine machine, Signal signal, Moment now);

	default boolean hasEnded(EndpointMachine machine) {
		return machine.hasEnded();
	}

	default boolean isOver(EndpointMachine machine) {
		return machine.isOver();
	}

	default @Nullable Signal join(Signal earlier, Signal later) {
		return Requests.join(earlier, later);
	}

	default List<Signal> inOrder(Signal joined) {
		return Requests.inOrder(joined);
	}

	default boolean mayStart(EndpointMachine machine) {
		return machine.mayStart();
	}

}
