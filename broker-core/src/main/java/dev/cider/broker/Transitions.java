package dev.cider.broker;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BiConsumer;

import dev.cider.broker.Signal.Admit;
import dev.cider.broker.Signal.AnnounceTermination;
import dev.cider.broker.Signal.AwaitsEnd;
import dev.cider.broker.Signal.AwaitsEndNoMore;
import dev.cider.broker.Signal.Bar;
import dev.cider.broker.Signal.Begin;
import dev.cider.broker.Signal.Closed;
import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.Created;
import dev.cider.broker.Signal.Evict;
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
import static dev.cider.broker.EndpointState.WAITING;

/**
 * The transition table: for each state and signal, the method that handles it and the
 * states that may follow. What is not listed cannot happen, except for a request that has
 * no effect in that state, which is ignored. The machine drops signals of earlier
 * incarnations and of earlier timers before it uses this table.
 */
final class Transitions {

	/** A row per state, in their order. */
	private static final Transition<?>[][] TABLE = new Transition<?>[EndpointState.values().length][0];

	/** The states that may follow when a closing incarnation advances or ends. */
	private static final EndpointState[] AFTER_CLOSING = { CLOSING, STARTING, WAITING, BACKOFF, FINISHED, DROPPED,
			STOPPED };

	static {
		on(REGISTERED, Begin.class, SignalHandler::begin, REGISTERED, STARTING, WAITING, STOPPED);
		on(REGISTERED, Start.class, SignalHandler::start, STARTING, WAITING);
		on(REGISTERED, Restart.class, SignalHandler::start, STARTING, WAITING);
		on(REGISTERED, Stop.class, SignalHandler::stopIdle, STOPPED);
		on(REGISTERED, AnnounceTermination.class, SignalHandler::announceToIdle, REGISTERED);
		on(REGISTERED, Terminate.class, SignalHandler::terminateIdle, STOPPED);

		on(STARTING, Created.class, SignalHandler::created, STARTING, SERVING);
		on(STARTING, Ready.class, SignalHandler::ready, STARTING, SERVING);
		on(STARTING, InnerChanged.class, SignalHandler::innerChanged, STARTING);
		on(STARTING, Returned.class, SignalHandler::returned, CLOSING);
		on(STARTING, Threw.class, SignalHandler::threw, CLOSING);
		on(STARTING, TimerFired.class, SignalHandler::startTimeout, STARTING);
		on(STARTING, TimedOut.class, SignalHandler::startTimedOut, CLOSING);
		on(STARTING, CreateFailed.class, SignalHandler::createFailed, STARTING, WAITING, BACKOFF, DROPPED, STOPPED);
		on(STARTING, Stop.class, SignalHandler::stopLiving, CLOSING);
		on(STARTING, Restart.class, SignalHandler::restartLiving, CLOSING);
		on(STARTING, Evict.class, SignalHandler::evict, CLOSING);
		on(STARTING, AnnounceTermination.class, SignalHandler::announceToLiving, STARTING);
		on(STARTING, AwaitsEnd.class, SignalHandler::awaitsEnd, STARTING);
		on(STARTING, AwaitsEndNoMore.class, SignalHandler::awaitsEndNoMore, STARTING);
		on(STARTING, Terminate.class, SignalHandler::terminateLiving, CLOSING, STOPPED);

		on(SERVING, Ready.class, SignalHandler::readyAgain, SERVING);
		on(SERVING, InnerChanged.class, SignalHandler::innerChanged, SERVING);
		on(SERVING, TimerFired.class, SignalHandler::heartbeatTimeout, SERVING);
		on(SERVING, TimedOut.class, SignalHandler::heartbeatTimedOut, SERVING, CLOSING);
		on(SERVING, Returned.class, SignalHandler::returned, CLOSING);
		on(SERVING, Threw.class, SignalHandler::threw, CLOSING);
		on(SERVING, Stop.class, SignalHandler::stopLiving, CLOSING);
		on(SERVING, Restart.class, SignalHandler::restartLiving, CLOSING);
		on(SERVING, Evict.class, SignalHandler::evict, CLOSING);
		on(SERVING, AnnounceTermination.class, SignalHandler::announceToLiving, SERVING);
		on(SERVING, AwaitsEnd.class, SignalHandler::awaitsEnd, SERVING);
		on(SERVING, AwaitsEndNoMore.class, SignalHandler::awaitsEndNoMore, SERVING);
		on(SERVING, Terminate.class, SignalHandler::terminateLiving, CLOSING, STOPPED);

		on(CLOSING, Created.class, SignalHandler::advanceClosing, CLOSING);
		on(CLOSING, Ready.class, SignalHandler::readyAgain, CLOSING);
		on(CLOSING, InnerChanged.class, SignalHandler::innerChanged, CLOSING);
		on(CLOSING, CreateFailed.class, SignalHandler::advanceClosing, AFTER_CLOSING);
		on(CLOSING, Returned.class, SignalHandler::advanceClosing, AFTER_CLOSING);
		on(CLOSING, Threw.class, SignalHandler::advanceClosing, AFTER_CLOSING);
		on(CLOSING, Closed.class, SignalHandler::advanceClosing, AFTER_CLOSING);
		on(CLOSING, TimerFired.class, SignalHandler::closeTimeout, AFTER_CLOSING);
		on(CLOSING, Start.class, SignalHandler::startClosing, CLOSING);
		on(CLOSING, Stop.class, SignalHandler::stopClosing, CLOSING, STOPPED);
		on(CLOSING, Restart.class, SignalHandler::restartClosing, CLOSING, STARTING, WAITING);
		on(CLOSING, Evict.class, SignalHandler::evictClosing, CLOSING);
		on(CLOSING, AnnounceTermination.class, SignalHandler::announceToClosing, CLOSING);
		on(CLOSING, AwaitsEnd.class, SignalHandler::awaitsEnd, CLOSING, FINISHED, DROPPED, STOPPED);
		on(CLOSING, AwaitsEndNoMore.class, SignalHandler::awaitsEndNoMore, CLOSING);
		on(CLOSING, Terminate.class, SignalHandler::terminateClosing, CLOSING, FINISHED, DROPPED, STOPPED);

		on(BACKOFF, TimerFired.class, SignalHandler::relaunch, STARTING, WAITING);
		on(BACKOFF, Restart.class, SignalHandler::relaunchNow, STARTING, WAITING);
		on(BACKOFF, Stop.class, SignalHandler::stopIdle, STOPPED);
		on(BACKOFF, AnnounceTermination.class, SignalHandler::announceToIdle, STOPPED);
		on(BACKOFF, Terminate.class, SignalHandler::terminateIdle, STOPPED);

		on(WAITING, Admit.class, SignalHandler::admit, STARTING);
		on(WAITING, Bar.class, SignalHandler::bar, WAITING);
		on(WAITING, Restart.class, SignalHandler::restartWaiting, WAITING);
		on(WAITING, Stop.class, SignalHandler::stopIdle, STOPPED);
		on(WAITING, AnnounceTermination.class, SignalHandler::announceToIdle, STOPPED);
		on(WAITING, Terminate.class, SignalHandler::terminateIdle, STOPPED);

		on(FINISHED, Start.class, SignalHandler::start, STARTING, WAITING);
		on(FINISHED, Restart.class, SignalHandler::start, STARTING, WAITING);
		on(FINISHED, Stop.class, SignalHandler::stopIdle, STOPPED);
		on(FINISHED, AnnounceTermination.class, SignalHandler::announceToIdle, FINISHED);
		on(FINISHED, Terminate.class, SignalHandler::terminateIdle, FINISHED);

		on(DROPPED, TimerFired.class, SignalHandler::revive, STARTING, WAITING);
		on(DROPPED, Start.class, SignalHandler::start, STARTING, WAITING);
		on(DROPPED, Restart.class, SignalHandler::start, STARTING, WAITING);
		on(DROPPED, Stop.class, SignalHandler::stopIdle, STOPPED);
		on(DROPPED, AnnounceTermination.class, SignalHandler::announceToIdle, DROPPED);
		on(DROPPED, Terminate.class, SignalHandler::terminateIdle, DROPPED);

		on(STOPPED, Start.class, SignalHandler::start, STARTING, WAITING);
		on(STOPPED, Restart.class, SignalHandler::start, STARTING, WAITING);
		on(STOPPED, Stop.class, SignalHandler::stopIdle, STOPPED);
		on(STOPPED, AnnounceTermination.class, SignalHandler::announceToIdle, STOPPED);
		on(STOPPED, Terminate.class, SignalHandler::terminateIdle, STOPPED);
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
		// A row has about 15 entries at most: a linear search is cheaper than hashing.
		for (Transition<?> transition : TABLE[state.ordinal()]) {
			if (transition.signal == signal) {
				return transition;
			}
		}
		return null;
	}

	private static <S extends Signal> void on(EndpointState state, Class<S> signal,
			BiConsumer<SignalHandler, ? super S> meaning, EndpointState... leadsTo) {
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
	 * @param meaning the method that handles it
	 * @param leadsTo the states that may follow
	 */
	record Transition<S extends Signal>(Class<S> signal, BiConsumer<SignalHandler, ? super S> meaning,
			Set<EndpointState> leadsTo) {

		void take(SignalHandler handler, Signal told) {
			this.meaning.accept(handler, this.signal.cast(told));
			if (!this.leadsTo.contains(handler.state())) {
				throw new IllegalStateException(
						told + " led to state " + handler.state() + " instead of one of " + this.leadsTo);
			}
		}

	}

}
