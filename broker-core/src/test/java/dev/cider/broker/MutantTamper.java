package dev.cider.broker;

import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Ways to make a sound brain go wrong: at what it is told, at what it knows, at what it
 * wants, or at what it remembers.
 */
final class MutantTamper {

	private MutantTamper() {
	}

	/** Knows the options of its endpoint wrong, from the beginning on. */
	static SimulatedMachine options(UnaryOperator<EndpointOptions> wrong) {
		return before((machine, signal) -> (signal instanceof Signal.Begin)
				? with(machine, "options", wrong.apply(machine.options)) : machine);
	}

	/** Does not hear this. */
	static SimulatedMachine deafTo(BiPredicate<EndpointMachine, Signal> unheard) {
		return (machine, signal, now) -> unheard.test(machine, signal) ? new Step(machine) : machine.on(signal, now);
	}

	/** Hears something else. */
	static SimulatedMachine mishearing(BiFunction<EndpointMachine, Signal, Signal> wrong) {
		return (machine, signal, now) -> machine.on(wrong.apply(machine, signal), now);
	}

	/** Mistakes what it knows before it hears something. */
	static SimulatedMachine before(BiFunction<EndpointMachine, Signal, EndpointMachine> wrong) {
		return (machine, signal, now) -> wrong.apply(machine, signal).on(signal, now);
	}

	/** Overlooks its gate when it hears this. */
	static SimulatedMachine passingTheGate(BiPredicate<EndpointMachine, Signal> wrong) {
		return (machine, signal, now) -> {
			if (!machine.isGated() || !wrong.test(machine, signal)) {
				return machine.on(signal, now);
			}
			Step step = with(machine, "question", -1).on(signal, now);
			return Step.of(with(step.machine(), "question", machine.question), step.actions());
		};
	}

	/** Mistakes what it knows after it has heard something. */
	static SimulatedMachine after(Remembering wrong) {
		return (machine, signal, now) -> {
			Step step = machine.on(signal, now);
			EndpointMachine remembered = wrong.remember(machine, signal, step.machine());
			return Step.of(remembered, step.actions());
		};
	}

	/** Wants something else done. */
	static SimulatedMachine wanting(Function<Action, Stream<Action>> wrong) {
		return (machine, signal, now) -> {
			Step step = machine.on(signal, now);
			return Step.of(step.machine(), step.actions().stream().flatMap(wrong).toList());
		};
	}

	static SimulatedMachine leavingOut(Predicate<Action> forgotten) {
		return wanting((action) -> forgotten.test(action) ? Stream.of() : Stream.of(action));
	}

	static SimulatedMachine doingTwice(Predicate<Action> repeated) {
		return wanting((action) -> repeated.test(action) ? Stream.of(action, action) : Stream.of(action));
	}

	/** Writes another report. */
	static SimulatedMachine reporting(UnaryOperator<Action.TellCrash> wrong) {
		return wanting((action) -> Stream.of((action instanceof Action.TellCrash tell) ? wrong.apply(tell) : action));
	}

	/** The machine, but for one of its fields. */
	static EndpointMachine with(EndpointMachine machine, String field, Object value) {
		EndpointMachine wrong = new EndpointMachine(machine);
		try {
			Field known = EndpointMachine.class.getDeclaredField(field);
			known.setAccessible(true);
			known.set(wrong, value);
			return wrong;
		}
		catch (ReflectiveOperationException wrongName) {
			throw new IllegalArgumentException(wrongName);
		}
	}

	/** The record, but for one component. */
	@SuppressWarnings("unchecked")
	static <R extends Record> R with(R record, String component, Object value) {
		RecordComponent[] components = record.getClass().getRecordComponents();
		Class<?>[] types = new Class<?>[components.length];
		Object[] values = new Object[components.length];
		try {
			for (int i = 0; i < components.length; i++) {
				types[i] = components[i].getType();
				values[i] = components[i].getName().equals(component) ? value
						: components[i].getAccessor().invoke(record);
			}
			return (R) record.getClass().getDeclaredConstructor(types).newInstance(values);
		}
		catch (ReflectiveOperationException wrongName) {
			throw new IllegalArgumentException(wrongName);
		}
	}

	/**
	 * What remains of a signal.
	 */
	@FunctionalInterface
	interface Remembering {

		EndpointMachine remember(EndpointMachine before, Signal signal, EndpointMachine after);

	}

}
