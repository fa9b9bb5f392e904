package dev.cider.broker.lease;

import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The lease's machine with one mistake. A simulation that lets one of them live proves
 * nothing of the machine that makes none.
 */
enum LeaseMutant {

	/** The real one. */
	SOUND,

	IS_NOT_TOLD_OF_A_WITHDRAWAL {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.Withdrawn) ? null : signal;
		}
	},

	IS_NOT_TOLD_OF_AN_END {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.Ended) ? null : signal;
		}
	},

	IS_NOT_TOLD_OF_AN_ABANDONMENT {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.Abandoned) ? null : signal;
		}
	},

	IS_NOT_TOLD_THAT_TIME_IS_UP {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.TimerFired) ? null : signal;
		}
	},

	IS_NOT_TOLD_OF_A_FAILURE {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.Failed) ? null : signal;
		}
	},

	IS_NOT_TOLD_OF_A_QUESTION {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.Asked) ? null : signal;
		}
	},

	TAKES_AN_ABANDONMENT_FOR_AN_END {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.Abandoned left) ? new LeaseSignal.Ended(left.question()) : signal;
		}
	},

	TAKES_A_REFUSED_CHANGE_FOR_MADE {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.WasCompared compared)
					? new LeaseSignal.WasCompared(compared.call(), true) : signal;
		}
	},

	TAKES_DAMAGE_FOR_NOTHING {
		@Override
		@Nullable LeaseSignal hear(LeaseSignal signal) {
			return (signal instanceof LeaseSignal.WasRead read && "vandal".equals(read.text()))
					? new LeaseSignal.WasRead(read.call(), null) : signal;
		}
	},

	NEVER_CLOSES {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CloseNow) ? List.of() : List.of(action);
		}
	},

	NEVER_ADMITS {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Admit) ? List.of() : List.of(action);
		}
	},

	SAYS_NOTHING {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Bar) ? List.of() : List.of(action);
		}
	},

	NEVER_READS {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Read) ? List.of() : List.of(action);
		}
	},

	FORGETS_ITS_TIMER {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Arm) ? List.of() : List.of(action);
		}
	},

	SAYS_NOTHING_OF_AN_OVERRUN {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Overrun) ? List.of() : List.of(action);
		}
	},

	ADMITS_TWICE {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Admit) ? List.of(action, action) : List.of(action);
		}
	},

	SAYS_THE_SAME_AGAIN {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Bar) ? List.of(action, action) : List.of(action);
		}
	},

	READS_TWICE {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.Read) ? List.of(action, action) : List.of(action);
		}
	},

	CHANGES_TWICE {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CompareAndSet) ? List.of(action, action) : List.of(action);
		}
	},

	NEVER_RELEASES {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CompareAndSet change && change.next().holder() == null) ? List.of()
					: List.of(action);
		}
	},

	DOES_NOT_COMPARE {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CompareAndSet change)
					? List.of(new LeaseAction.CompareAndSet(change.call(), text, change.next())) : List.of(action);
		}
	},

	KEEPS_THE_TOKEN_OF_THE_HOLDER_BEFORE {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CompareAndSet change && change.expected() != null
					&& LeaseText.parse(change.expected()).token() < change.next().token())
							? List.of(new LeaseAction.CompareAndSet(change.call(), change.expected(),
									LeaseMutant.with(change.next(), change.next().token() - 1, change.next().beat())))
							: List.of(action);
		}
	},

	WRITES_THE_SAME_BEAT_AGAIN {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CompareAndSet change)
					? List.of(new LeaseAction.CompareAndSet(change.call(), change.expected(),
							LeaseMutant.with(change.next(), change.next().token(), 1)))
					: List.of(action);
		}
	},

	BEGINS_AGAIN_AT_TOKEN_ONE {
		@Override
		List<LeaseAction> act(LeaseAction action, @Nullable String text) {
			return (action instanceof LeaseAction.CompareAndSet change)
					? List.of(new LeaseAction.CompareAndSet(change.call(), change.expected(),
							LeaseMutant.with(change.next(), 1, change.next().beat())))
					: List.of(action);
		}
	},

	IS_VALID_FROM_THE_ANSWER {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long validUntil(long started, long answered) {
					return super.validUntil(answered, answered);
				}
			};
		}
	},

	FORGETS_THAT_CLOCKS_DRIFT {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long validUntil(long started, long answered) {
					return started + settings.duration().toNanos();
				}
			};
		}
	},

	BEGINS_TO_CLOSE_TOO_LATE {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long closesAt(long validUntil) {
					return validUntil - settings.closing().toNanos() / 2;
				}
			};
		}
	},

	FORGETS_THE_TIME_OF_THE_INTERRUPT {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long closesAt(long validUntil) {
					return validUntil - settings.closeTimeout().toNanos();
				}
			};
		}
	},

	HAS_SEEN_IT_SINCE_IT_ASKED {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long seenAt(long started, long answered) {
					return started;
				}
			};
		}
	},

	TAKES_OVER_TOO_EARLY {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long takenFrom(LeaseText text, long seen) {
					return seen + text.duration().toNanos() * 9 / 10;
				}
			};
		}
	},

	TAKES_OVER_TOO_LATE {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long takenFrom(LeaseText text, long seen) {
					return seen + text.duration().toNanos() * 10;
				}
			};
		}
	},

	TAKES_OVER_AT_ONCE {
		@Override
		LeaseTiming timing(LeaseSettings settings) {
			return new LeaseTiming(settings) {
				@Override
				long takenFrom(LeaseText text, long seen) {
					return seen;
				}
			};
		}
	};

	static Stream<LeaseMutant> mistaken() {
		return Stream.of(values()).filter((mutant) -> mutant != SOUND);
	}

	/** What reaches it of a signal. */
	@Nullable LeaseSignal hear(LeaseSignal signal) {
		return signal;
	}

	/**
	 * What becomes of an action.
	 * @param text what is in the store
	 */
	List<LeaseAction> act(LeaseAction action, @Nullable String text) {
		return List.of(action);
	}

	/** How it measures time. */
	LeaseTiming timing(LeaseSettings settings) {
		return new LeaseTiming(settings);
	}

	private static LeaseText with(LeaseText text, long token, long beat) {
		return new LeaseText(text.holder(), token, beat, text.duration(), text.load(), text.claim());
	}

}
