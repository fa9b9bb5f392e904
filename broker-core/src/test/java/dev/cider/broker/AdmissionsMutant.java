package dev.cider.broker;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The admissions with one mistake. A simulation that lets one of them live proves nothing
 * of those that make none.
 */
enum AdmissionsMutant {

	/** The real ones. */
	SOUND,

	IS_NOT_TOLD_OF_A_WITHDRAWAL {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Withdrawn) ? null : signal;
		}
	},

	IS_NOT_TOLD_OF_A_MOVE {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Moved) ? null : signal;
		}
	},

	IS_NOT_TOLD_THAT_TIME_IS_UP {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.GateDue) ? null : signal;
		}
	},

	TAKES_SHUT_FOR_OPEN {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Answered answered)
					? new DeskSignal.Answered(answered.gate(), answered.ask(), null) : signal;
		}
	},

	TAKES_OPEN_FOR_SHUT {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Answered answered)
					? new DeskSignal.Answered(answered.gate(), answered.ask(), "DOWN") : signal;
		}
	},

	TAKES_EVERY_START_FOR_AN_OPERATORS {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Asked asked) ? new DeskSignal.Asked(asked.id(), asked.question(), true)
					: signal;
		}
	},

	TAKES_AN_OPERATORS_START_FOR_ANY {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Asked asked)
					? new DeskSignal.Asked(asked.id(), asked.question(), false) : signal;
		}
	},

	ADMITS_TWICE {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Admit.class) ? List.of(action, action) : List.of(action);
		}
	},

	NEVER_ADMITS {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Admit.class) ? List.of() : List.of(action);
		}
	},

	SAYS_NOTHING_OF_WHAT_IS_SHUT {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Bar.class) ? List.of() : List.of(action);
		}
	},

	SAYS_THE_SAME_AGAIN {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Bar.class) ? List.of(action, action) : List.of(action);
		}
	},

	ASKS_A_GATE_TWICE {
		@Override
		List<DeskAction> act(DeskAction action) {
			return (action instanceof DeskAction.AskGate) ? List.of(action, action) : List.of(action);
		}
	},

	NEVER_ASKS_A_GATE {
		@Override
		List<DeskAction> act(DeskAction action) {
			return (action instanceof DeskAction.AskGate) ? List.of() : List.of(action);
		}
	},

	EVICTS_NOTHING {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Evict.class) ? List.of() : List.of(action);
		}
	},

	FORGETS_WHO_HAS_SERVED {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Moved moved) ? served(moved, moved.state() == EndpointState.SERVING)
					: signal;
		}
	},

	TAKES_A_START_FOR_SERVED {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Moved moved && moved.state() == EndpointState.STARTING)
					? served(moved, true) : signal;
		}
	},

	TAKES_FINISHED_FOR_NEVER_SERVED {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Moved moved && moved.state() == EndpointState.FINISHED)
					? served(moved, false) : signal;
		}
	},

	TAKES_A_DEPENDENCY_FOR_A_GATE_THAT_SHUTS_AGAIN {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Joined joined)
					? joining(joined,
							(gate) -> (gate instanceof ServedGate served) ? new ServingGate(served.id()) : gate)
					: signal;
		}
	},

	TAKES_A_GATE_FOR_A_DEPENDENCY {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Joined joined)
					? joining(joined,
							(gate) -> (gate instanceof ServingGate serving) ? new ServedGate(serving.id()) : gate)
					: signal;
		}
	},

	WAITS_FOR_NO_OTHER_ENDPOINT {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Joined joined)
					? new DeskSignal.Joined(new Applicant(joined.applicant().id,
							joined.applicant().gates.stream().filter((watch) -> !watch.isKnown()).toList(), (any) -> {
							}), joined.expected())
					: signal;
		}
	},

	FORGETS_ITS_TIMERS {
		@Override
		List<DeskAction> act(DeskAction action) {
			return (action instanceof DeskAction.ArmGate) ? List.of() : List.of(action);
		}
	};

	static Stream<AdmissionsMutant> mistaken() {
		return Stream.of(values()).filter((mutant) -> mutant != SOUND);
	}

	/** What reaches it of a signal. */
	@Nullable DeskSignal hear(DeskSignal signal) {
		return signal;
	}

	/** What becomes of an action. */
	List<DeskAction> act(DeskAction action) {
		return List.of(action);
	}

	private static DeskSignal served(DeskSignal.Moved moved, boolean served) {
		return new DeskSignal.Moved(moved.id(), moved.state(), moved.incarnation(), served, moved.failed());
	}

	private static DeskSignal joining(DeskSignal.Joined joined, UnaryOperator<EndpointGate> other) {
		List<GateWatch> gates = joined.applicant().gates.stream().map((watch) -> {
			EndpointGate gate = other.apply(watch.gate);
			return (gate == watch.gate) ? watch : new GateWatch(watch.name, gate);
		}).toList();
		return new DeskSignal.Joined(new Applicant(joined.applicant().id, gates, (any) -> {
		}), joined.expected());
	}

	private static boolean isTelling(DeskAction action, Class<? extends Signal> signal) {
		return action instanceof DeskAction.Tell tell && signal.isInstance(tell.signal());
	}

}
