package dev.cider.broker;

import java.util.List;

import dev.cider.broker.Signal.Bequeath;
import dev.cider.broker.Signal.Inherit;
import dev.cider.broker.Signal.OfIncarnation;
import dev.cider.broker.Signal.OfOperator;
import dev.cider.broker.Signal.OfTimer;
import dev.cider.broker.Signal.Terminate;
import dev.cider.broker.Transitions.Transition;
import org.jspecify.annotations.Nullable;

/**
 * All that decides about one endpoint, as an immutable value: it is told a {@link Signal}
 * and answers with its next value and the {@link Action}s that shall be done. No thread,
 * no lock, no clock, no chance, no user code; so it can be simulated.
 *
 * @param options how the endpoint is supervised
 * @param contextual whether its incarnations can say that they are ready
 * @param shown what can be seen of it
 * @param run how far the latest incarnation has come, if it lives
 * @param abandoned the incarnations that were given up on and have not ended
 * @param next where {@link EndpointState#CLOSING} leads
 * @param interrupted whether the close timeout has passed once and the threads were
 * interrupted
 * @param timer the number of the latest timer
 * @param armed whether that timer is awaited
 * @param servingSince when the incarnation began to serve, in nanoseconds
 * @param wanted whether the endpoint is to run: an operator's last word, or
 * {@code autoStart} before there is one
 * @param terminating whether the broker ends
 */
record EndpointMachine(EndpointOptions options, boolean contextual, EndpointSnapshot shown, @Nullable Run run,
		List<Abandoned> abandoned, Next next, boolean interrupted, long timer, boolean armed, long servingSince,
		boolean wanted, boolean terminating) {

	/**
	 * An endpoint that was never started.
	 */
	static EndpointMachine registered(String id, EndpointOptions options, boolean contextual, Moment now) {
		EndpointSnapshot shown = new EndpointSnapshot(id, EndpointState.REGISTERED, now.instant(), 0, 0, 0, 0, 0, 0, 0,
				null, null, null);
		return idle(options, contextual, shown, options.autoStart());
	}

	/**
	 * An endpoint of a new broker that goes on counting where an earlier broker's ended.
	 */
	static EndpointMachine continuing(EndpointMachine earlier, EndpointOptions options, boolean contextual,
			Moment now) {
		EndpointSnapshot last = earlier.shown;
		EndpointSnapshot shown = new EndpointSnapshot(last.id(), EndpointState.REGISTERED, now.instant(),
				last.incarnation(), last.starts(), last.restarts(), last.crashes(), last.drops(), 0, 0, null,
				last.lastCrash(), last.lastDecision());
		return idle(options, contextual, shown, earlier.wanted);
	}

	private static EndpointMachine idle(EndpointOptions options, boolean contextual, EndpointSnapshot shown,
			boolean wanted) {
		return new EndpointMachine(options, contextual, shown, null, List.of(), Next.REST, false, 0, false, 0, wanted,
				false);
	}

	/**
	 * Tells the machine something.
	 * @param signal what happened, or is wanted
	 * @param now when
	 * @return what the machine is then, and what shall be done
	 * @throws IllegalStateException if this cannot happen in this state: a defect of the
	 * engine
	 */
	Step on(Signal signal, Moment now) {
		if (isMeaningless(signal)) {
			return new Step(this, List.of());
		}
		Turn turn = new Turn(this, now);
		if (signal instanceof Bequeath) {
			turn.bequeath();
		}
		else if (signal instanceof Inherit inherit) {
			turn.inherit(inherit);
		}
		else if (signal instanceof OfIncarnation late && !isOfCurrentRun(late)) {
			turn.late(late);
		}
		else {
			Transition<?> transition = Transitions.of(this.shown.state(), signal);
			if (transition == null) {
				if (signal instanceof OfOperator) {
					return new Step(this, List.of());
				}
				throw new IllegalStateException(signal + " cannot happen in state " + this.shown.state());
			}
			transition.take(turn, signal);
		}
		return turn.end();
	}

	/** What came too late, or is said after the last word. */
	private boolean isMeaningless(Signal signal) {
		if (signal instanceof OfTimer of) {
			return !this.armed || of.timer() != this.timer;
		}
		if (signal instanceof OfIncarnation of) {
			return !knows(of.incarnation());
		}
		return this.terminating && (signal instanceof OfOperator || signal instanceof Terminate);
	}

	private boolean isOfCurrentRun(OfIncarnation signal) {
		return isCurrentRun(signal.incarnation());
	}

	/**
	 * Whether the broker ends and nothing of this endpoint runs any more, what was
	 * abandoned excepted. That is for good.
	 */
	boolean isOver() {
		return this.terminating && this.run == null;
	}

	/**
	 * Whether it has come to an end by itself, and nothing but an operator will change
	 * that.
	 */
	boolean hasEnded() {
		return switch (this.shown.state()) {
			case FINISHED -> true;
			case DROPPED -> !this.armed;
			case REGISTERED, STARTING, SERVING, CLOSING, BACKOFF, STOPPED -> false;
		};
	}

	/**
	 * Whether an operator's start makes sense now.
	 */
	boolean mayStart() {
		return switch (this.shown.state()) {
			case REGISTERED, FINISHED, DROPPED, STOPPED -> true;
			case CLOSING -> this.next instanceof Next.Rest;
			case STARTING, SERVING, BACKOFF -> false;
		};
	}

	/**
	 * Whether the incarnation of this number lives or was abandoned alive.
	 */
	boolean knows(long incarnation) {
		if (isCurrentRun(incarnation)) {
			return true;
		}
		for (Abandoned given : this.abandoned) {
			if (given.incarnation() == incarnation) {
				return true;
			}
		}
		return false;
	}

	private boolean isCurrentRun(long incarnation) {
		return this.run != null && this.shown.incarnation() == incarnation;
	}

	/**
	 * What follows from one signal.
	 *
	 * @param machine the machine from now on
	 * @param actions what shall be done, in this order
	 */
	record Step(EndpointMachine machine, List<Action> actions) {
	}

}
