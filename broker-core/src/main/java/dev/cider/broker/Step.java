package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * What follows from one signal: the machine from now on, and the actions to be carried
 * out, in their order. There is a step for each signal, so it holds its actions in fields
 * rather than in a list.
 */
class Step {

	/** How many actions nearly every step has at most. */
	private static final int FIELDS = 4;

	final EndpointMachine machine;

	/** A byte: as an int it would take eight, and there is a step for each signal. */
	private byte count;

	private @Nullable Action first;

	private @Nullable Action second;

	private @Nullable Action third;

	private @Nullable Action fourth;

	private @Nullable List<Action> more;

	Step(EndpointMachine machine) {
		this.machine = machine;
	}

	static Step of(EndpointMachine machine, List<Action> actions) {
		Step step = new Step(machine);
		actions.forEach(step::add);
		return step;
	}

	/**
	 * The machine from now on.
	 */
	EndpointMachine machine() {
		return this.machine;
	}

	int count() {
		return this.count;
	}

	Action action(int index) {
		return Objects.requireNonNull(switch (index) {
			case 0 -> this.first;
			case 1 -> this.second;
			case 2 -> this.third;
			case 3 -> this.fourth;
			default -> Objects.requireNonNull(this.more).get(index - FIELDS);
		});
	}

	List<Action> actions() {
		return IntStream.range(0, this.count).mapToObj(this::action).toList();
	}

	final void add(Action action) {
		switch (this.count++) {
			case 0 -> this.first = action;
			case 1 -> this.second = action;
			case 2 -> this.third = action;
			case 3 -> this.fourth = action;
			default -> addMore(action);
		}
	}

	private void addMore(Action action) {
		if (this.more == null) {
			this.more = new ArrayList<>(1);
		}
		this.more.add(action);
	}

	@Override
	public String toString() {
		return "Step" + actions();
	}

}
