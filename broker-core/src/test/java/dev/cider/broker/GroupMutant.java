package dev.cider.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A group with one mistake. A simulation that lets one of them live proves nothing of the
 * group that makes none.
 */
enum GroupMutant {

	/** The real one. */
	SOUND,

	LEAVES_THE_OTHERS_ALONE {
		@Override
		EndpointGroup group(EndpointGroup group) {
			return with(group, GroupStrategy.ONE_FOR_ONE);
		}
	},

	TAKES_ALL_ALONG {
		@Override
		EndpointGroup group(EndpointGroup group) {
			return with(group, GroupStrategy.ONE_FOR_ALL);
		}
	},

	TAKES_THE_REST_ALONG {
		@Override
		EndpointGroup group(EndpointGroup group) {
			return with(group, GroupStrategy.REST_FOR_ONE);
		}
	},

	STARTS_THE_LAST_FIRST {
		@Override
		EndpointGroup group(EndpointGroup group) {
			List<String> members = new ArrayList<>(group.members());
			Collections.reverse(members);
			return new EndpointGroup(group.name(), group.strategy(), members);
		}
	},

	FORGETS_THE_LAST {
		@Override
		EndpointGroup group(EndpointGroup group) {
			List<String> members = new ArrayList<>(group.members());
			members.set(members.size() - 1, "nobody");
			return new EndpointGroup(group.name(), group.strategy(), members);
		}
	},

	OVERLOOKS_EVERY_CRASH {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return moved(signal, (moved) -> failed(moved, false));
		}
	},

	TAKES_EVERY_CLOSE_FOR_A_FAILURE {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return moved(signal, (moved) -> failed(moved, true));
		}
	},

	DOES_NOT_SEE_A_START {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.STARTING);
		}
	},

	DOES_NOT_SEE_THAT_ONE_SERVES {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.SERVING);
		}
	},

	DOES_NOT_SEE_A_CLOSE {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.CLOSING);
		}
	},

	DOES_NOT_SEE_A_BACKOFF {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.BACKOFF);
		}
	},

	DOES_NOT_SEE_A_DROP {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.DROPPED);
		}
	},

	WAITS_FOR_WHAT_WAS_STOPPED {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.STOPPED);
		}
	},

	WAITS_FOR_WHAT_HAS_FINISHED {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return without(signal, EndpointState.FINISHED);
		}
	},

	TAKES_A_STOP_FOR_A_BACKOFF {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return moved(signal, (moved) -> (moved.state() == EndpointState.STOPPED)
					? new DeskSignal.Moved(moved.id(), EndpointState.BACKOFF, moved.incarnation(), moved.served(), true)
					: moved);
		}
	},

	TAKES_A_CLOSE_FOR_THE_END {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return moved(signal, (moved) -> (moved.state() == EndpointState.CLOSING) ? new DeskSignal.Moved(moved.id(),
					EndpointState.BACKOFF, moved.incarnation(), moved.served(), moved.failed()) : moved);
		}
	},

	TAKES_A_START_FOR_SERVING {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return moved(signal, (moved) -> (moved.state() == EndpointState.STARTING) ? new DeskSignal.Moved(moved.id(),
					EndpointState.SERVING, moved.incarnation(), moved.served(), false) : moved);
		}
	},

	EXPECTS_WHO_RESTS {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Joined joined) ? new DeskSignal.Joined(joined.applicant(), true)
					: signal;
		}
	},

	EXPECTS_NOBODY {
		@Override
		@Nullable DeskSignal hear(DeskSignal signal) {
			return (signal instanceof DeskSignal.Joined joined) ? new DeskSignal.Joined(joined.applicant(), false)
					: signal;
		}
	},

	CLOSES_NOBODY {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Evict.class) ? List.of() : List.of(action);
		}
	},

	SAYS_TWICE_THAT_ONE_MUST_END {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Evict.class) ? List.of(action, action) : List.of(action);
		}
	},

	CLOSES_THE_NEXT_INCARNATION {
		@Override
		List<DeskAction> act(DeskAction action) {
			return (action instanceof DeskAction.Tell tell && tell.signal() instanceof Signal.Evict evict)
					? List.of(new DeskAction.Tell(tell.to(), new Signal.Evict(evict.incarnation() + 1)))
					: List.of(action);
		}
	},

	EXCUSES_EVERYBODY {
		@Override
		List<DeskAction> act(DeskAction action) {
			return barred(action, true);
		}
	},

	EXCUSES_NOBODY {
		@Override
		List<DeskAction> act(DeskAction action) {
			return barred(action, false);
		}
	},

	SAYS_NOTHING {
		@Override
		List<DeskAction> act(DeskAction action) {
			return isTelling(action, Signal.Bar.class) ? List.of() : List.of(action);
		}
	};

	static Stream<GroupMutant> mistaken() {
		return Stream.of(values()).filter((mutant) -> mutant != SOUND);
	}

	/** Which group the admissions take it for. */
	EndpointGroup group(EndpointGroup group) {
		return group;
	}

	/** What reaches it of a signal. */
	@Nullable DeskSignal hear(DeskSignal signal) {
		return signal;
	}

	/** What becomes of an action. */
	List<DeskAction> act(DeskAction action) {
		return List.of(action);
	}

	private static EndpointGroup with(EndpointGroup group, GroupStrategy strategy) {
		return new EndpointGroup(group.name(), strategy, group.members());
	}

	private static @Nullable DeskSignal moved(DeskSignal signal, UnaryOperator<DeskSignal.Moved> change) {
		return (signal instanceof DeskSignal.Moved moved) ? change.apply(moved) : signal;
	}

	private static @Nullable DeskSignal without(DeskSignal signal, EndpointState state) {
		return (signal instanceof DeskSignal.Moved moved && moved.state() == state) ? null : signal;
	}

	private static DeskSignal.Moved failed(DeskSignal.Moved moved, boolean failed) {
		return new DeskSignal.Moved(moved.id(), moved.state(), moved.incarnation(), moved.served(), failed);
	}

	private static List<DeskAction> barred(DeskAction action, boolean explains) {
		return (action instanceof DeskAction.Tell tell && tell.signal() instanceof Signal.Bar bar)
				? List.of(new DeskAction.Tell(tell.to(), new Signal.Bar(bar.question(), bar.why(), explains)))
				: List.of(action);
	}

	private static boolean isTelling(DeskAction action, Class<? extends Signal> signal) {
		return action instanceof DeskAction.Tell tell && signal.isInstance(tell.signal());
	}

}
