package dev.cider.broker;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BiConsumer;

import dev.cider.broker.Signal.AnnounceTermination;
import dev.cider.broker.Signal.AwaitsEnd;
import dev.cider.broker.Signal.AwaitsEndNoMore;
import dev.cider.broker.Signal.Begin;
import dev.cider.broker.Signal.Closed;
import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.Created;
import dev.cider.broker.Signal.InnerChanged;
import dev.cider.broker.Signal.Ready;
import dev.cider.broker.Signal.Restart;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Start;
import dev.cider.broker.Signal.Stop;
import dev.cider.broker.Signal.Terminate;
import dev.cider.broker.Signal.Threw;
import dev.cider.broker.Signal.TimedOut;
import dev.cider.broker.Signal.TimerFired;
import org.jspecify.annotations.Nullable;

import static dev.cider.broker.EndpointState.BACKOFF;
import static dev.cider.broker.EndpointState.CLOSING;
import static dev.cider.broker.EndpointState.DROPPED;
import static dev.cider.broker.EndpointState.FINISHED;
import static dev.cider.broker.EndpointState.REGISTERED;
import static dev.cider.broker.EndpointState.SERVING;
import static dev.cider.broker.EndpointState.STARTING;
import static dev.cider.broker.EndpointState.STOPPED;

/**
 * Which signal means what in which state, and where it may lead. What is not listed
 * cannot happen, except that an operator's wish which has come too late is ignored.
 * Signals of earlier incarnations and of earlier timers are sorted out before this table
 * is asked.
 */
final class Transitions {

	/** A row per state, in their order. */
	private static final Transition<?>[][] TABLE = new Transition<?>[EndpointState.values().length][0];

	/** Where an incarnation that is out of the way leaves its endpoint. */
	private static final EndpointState[] AFTER_CLOSING = { CLOSING, STARTING, BACKOFF, FINISHED, DROPPED, STOPPED };

	static {
		on(REGISTERED, Begin.class, Turn::begin, REGISTERED, STARTING, STOPPED);
		on(REGISTERED, Start.class, Turn::start, STARTING);
		on(REGISTERED, Restart.class, Turn::start, STARTING);
		on(REGISTERED, Stop.class, Turn::stopIdle, STOPPED);
		on(REGISTERED, AnnounceTermination.class, Turn::announceToIdle, REGISTERED);
		on(REGISTERED, Terminate.class, Turn::terminateIdle, STOPPED);

		on(STARTING, Created.class, Turn::created, STARTING, SERVING);
		on(STARTING, Ready.class, Turn::ready, STARTING, SERVING);
		on(STARTING, InnerChanged.class, Turn::innerChanged, STARTING);
		on(STARTING, Returned.class, Turn::returned, CLOSING);
		on(STARTING, Threw.class, Turn::threw, CLOSING);
		on(STARTING, TimerFired.class, Turn::startTimeout, STARTING);
		on(STARTING, TimedOut.class, Turn::startTimedOut, CLOSING);
		on(STARTING, CreateFailed.class, Turn::createFailed, STARTING, BACKOFF, DROPPED, STOPPED);
		on(STARTING, Stop.class, Turn::stopLiving, CLOSING);
		on(STARTING, Restart.class, Turn::restartLiving, CLOSING);
		on(STARTING, AnnounceTermination.class, Turn::announceToLiving, STARTING);
		on(STARTING, AwaitsEnd.class, Turn::awaitsEnd, STARTING);
		on(STARTING, AwaitsEndNoMore.class, Turn::awaitsEndNoMore, STARTING);
		on(STARTING, Terminate.class, Turn::terminateLiving, CLOSING, STOPPED);

		on(SERVING, Ready.class, Turn::readyAgain, SERVING);
		on(SERVING, InnerChanged.class, Turn::innerChanged, SERVING);
		on(SERVING, TimerFired.class, Turn::heartbeatTimeout, SERVING);
		on(SERVING, TimedOut.class, Turn::heartbeatTimedOut, SERVING, CLOSING);
		on(SERVING, Returned.class, Turn::returned, CLOSING);
		on(SERVING, Threw.class, Turn::threw, CLOSING);
		on(SERVING, Stop.class, Turn::stopLiving, CLOSING);
		on(SERVING, Restart.class, Turn::restartLiving, CLOSING);
		on(SERVING, AnnounceTermination.class, Turn::announceToLiving, SERVING);
		on(SERVING, AwaitsEnd.class, Turn::awaitsEnd, SERVING);
		on(SERVING, AwaitsEndNoMore.class, Turn::awaitsEndNoMore, SERVING);
		on(SERVING, Terminate.class, Turn::terminateLiving, CLOSING, STOPPED);

		on(CLOSING, Created.class, Turn::progress, CLOSING);
		on(CLOSING, Ready.class, Turn::readyAgain, CLOSING);
		on(CLOSING, InnerChanged.class, Turn::innerChanged, CLOSING);
		on(CLOSING, CreateFailed.class, Turn::progress, AFTER_CLOSING);
		on(CLOSING, Returned.class, Turn::progress, AFTER_CLOSING);
		on(CLOSING, Threw.class, Turn::progress, AFTER_CLOSING);
		on(CLOSING, Closed.class, Turn::progress, AFTER_CLOSING);
		on(CLOSING, TimerFired.class, Turn::closeTimeout, AFTER_CLOSING);
		on(CLOSING, Start.class, Turn::startClosing, CLOSING);
		on(CLOSING, Stop.class, Turn::stopClosing, CLOSING);
		on(CLOSING, Restart.class, Turn::restartClosing, CLOSING);
		on(CLOSING, AnnounceTermination.class, Turn::announceToClosing, CLOSING);
		on(CLOSING, AwaitsEnd.class, Turn::awaitsEnd, CLOSING, FINISHED, DROPPED, STOPPED);
		on(CLOSING, AwaitsEndNoMore.class, Turn::awaitsEndNoMore, CLOSING);
		on(CLOSING, Terminate.class, Turn::terminateClosing, CLOSING, FINISHED, DROPPED, STOPPED);

		on(BACKOFF, TimerFired.class, Turn::relaunch, STARTING);
		on(BACKOFF, Restart.class, Turn::relaunchNow, STARTING);
		on(BACKOFF, Stop.class, Turn::stopIdle, STOPPED);
		on(BACKOFF, AnnounceTermination.class, Turn::announceToIdle, STOPPED);
		on(BACKOFF, Terminate.class, Turn::terminateIdle, STOPPED);

		on(FINISHED, Start.class, Turn::start, STARTING);
		on(FINISHED, Restart.class, Turn::start, STARTING);
		on(FINISHED, Stop.class, Turn::stopIdle, STOPPED);
		on(FINISHED, AnnounceTermination.class, Turn::announceToIdle, FINISHED);
		on(FINISHED, Terminate.class, Turn::terminateIdle, FINISHED);

		on(DROPPED, TimerFired.class, Turn::revive, STARTING);
		on(DROPPED, Start.class, Turn::start, STARTING);
		on(DROPPED, Restart.class, Turn::start, STARTING);
		on(DROPPED, Stop.class, Turn::stopIdle, STOPPED);
		on(DROPPED, AnnounceTermination.class, Turn::announceToIdle, DROPPED);
		on(DROPPED, Terminate.class, Turn::terminateIdle, DROPPED);

		on(STOPPED, Start.class, Turn::start, STARTING);
		on(STOPPED, Restart.class, Turn::start, STARTING);
		on(STOPPED, Stop.class, Turn::stopIdle, STOPPED);
		on(STOPPED, AnnounceTermination.class, Turn::announceToIdle, STOPPED);
		on(STOPPED, Terminate.class, Turn::terminateIdle, STOPPED);
	}

	private Transitions() {
	}

	/**
	 * The transition for a signal in a state, or {@code null} if there is none.
	 */
	static @Nullable Transition<?> of(EndpointState state, Signal signal) {
		return of(state, signal.getClass());
	}

	static @Nullable Transition<?> of(EndpointState state, Class<?> signal) {
		// A dozen at most: to look at each is cheaper than to hash.
		for (Transition<?> transition : TABLE[state.ordinal()]) {
			if (transition.signal == signal) {
				return transition;
			}
		}
		return null;
	}

	private static <S extends Signal> void on(EndpointState state, Class<S> signal, BiConsumer<Turn, ? super S> meaning,
			EndpointState... leadsTo) {
		Set<EndpointState> states = EnumSet.noneOf(EndpointState.class);
		states.addAll(Set.of(leadsTo));
		Transition<?>[] row = TABLE[state.ordinal()];
		TABLE[state.ordinal()] = Arrays.copyOf(row, row.length + 1);
		TABLE[state.ordinal()][row.length] = new Transition<>(signal, meaning, states);
	}

	/**
	 * One cell of the table.
	 *
	 * @param signal the type of signal
	 * @param meaning what it does
	 * @param leadsTo the states that may follow
	 */
	record Transition<S extends Signal>(Class<S> signal, BiConsumer<Turn, ? super S> meaning,
			Set<EndpointState> leadsTo) {

		void take(Turn turn, Signal told) {
			this.meaning.accept(turn, this.signal.cast(told));
			if (!this.leadsTo.contains(turn.state())) {
				throw new IllegalStateException(
						told + " led to state " + turn.state() + " instead of one of " + this.leadsTo);
			}
		}

	}

}
