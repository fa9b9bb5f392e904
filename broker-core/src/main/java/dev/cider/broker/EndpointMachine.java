package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

import dev.cider.broker.Signal.AnnounceTermination;
import dev.cider.broker.Signal.Answer;
import dev.cider.broker.Signal.Begin;
import dev.cider.broker.Signal.Evict;
import dev.cider.broker.Signal.HandOver;
import dev.cider.broker.Signal.TakeOver;
import dev.cider.broker.Signal.OfIncarnation;
import dev.cider.broker.Signal.Request;
import dev.cider.broker.Signal.OfTimer;
import dev.cider.broker.Signal.Terminate;
import dev.cider.broker.Transitions.Transition;
import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.UnwordedDecision;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one endpoint, as an immutable value. It takes a {@link Signal} and
 * returns its next value and the {@link Action}s to carry out. It uses no thread, lock,
 * clock, randomness or user code, so that tests can simulate it.
 * <p>
 * A {@link SignalHandler} makes the next value: it modifies a copy that no other thread
 * has yet. Every signal makes a new machine, so the snapshot is not a part of it:
 * {@link #shown()} makes it for the first reader.
 */
final class EndpointMachine implements Supplier<EndpointSnapshot> {

	private static final int UNGATED = -1;

	final String id;

	/** How the endpoint is supervised. */
	final EndpointOptions options;

	/** Whether its incarnations can say that they are ready. */
	final boolean contextual;

	EndpointState state;

	/** When the endpoint entered this state with this incarnation. */
	Moment since;

	/** The number of the latest incarnation, and of all that were ever launched. */
	long incarnation;

	long restarts;

	ExitTotals past = ExitTotals.NONE;

	/** How far the latest incarnation has come; {@code null} if none lives. */
	@Nullable Progress progress;

	/** The last known state of the latest incarnation's inner broker. */
	Inner inner = Inner.NONE;

	/** The earlier incarnations that have left threads running. */
	List<Abandoned> abandoned = List.of();

	/**
	 * Where {@link EndpointState#CLOSING}, {@link EndpointState#BACKOFF} or
	 * {@link EndpointState#WAITING} leads.
	 */
	AfterClose afterClose = AfterClose.REST;

	/**
	 * Whether the current time limit has begun anew once, because its timer fired far too
	 * late: the JVM had stood still, and with it the thread under the limit.
	 */
	boolean renewed;

	/** When the heartbeat timeout began to run; {@code null} before it ever did. */
	@Nullable Moment silentSince;

	/** The number of the latest timer. */
	int timer;

	/** Whether that timer is awaited. */
	boolean armed;

	/**
	 * The number of the latest question whether the endpoint may launch; {@link #UNGATED}
	 * if no launch needs to be admitted.
	 */
	int question;

	/**
	 * Whether the endpoint should run: first {@code autoStart}, then the latest decision
	 * of an operator.
	 */
	boolean shouldRun;

	/** Whether an operator decided that, in this broker or in an earlier one. */
	boolean operatorDecided;

	/** Whether the broker's end was announced: nothing is launched any more. */
	boolean announced;

	/** Whether the broker is terminating. */
	boolean terminating;

	/** Whether the abandoned incarnations were handed over to the next broker. */
	boolean handedOver;

	/**
	 * Made for the first reader. Two threads may make one each, but equal ones. A thread
	 * that reads the reference sees the whole snapshot, because its fields are final.
	 */
	private @Nullable EndpointSnapshot shown;

	private EndpointMachine(String id, EndpointOptions options, boolean contextual, boolean gated, Moment now) {
		this.id = id;
		this.options = options;
		this.contextual = contextual;
		this.question = gated ? 0 : UNGATED;
		this.state = EndpointState.REGISTERED;
		this.since = now;
		this.shouldRun = options.autoStart();
	}

	/**
	 * A copy.
	 */
	EndpointMachine(EndpointMachine other) {
		this.id = other.id;
		this.options = other.options;
		this.contextual = other.contextual;
		this.state = other.state;
		this.since = other.since;
		this.incarnation = other.incarnation;
		this.restarts = other.restarts;
		this.past = other.past;
		this.progress = other.progress;
		this.inner = other.inner;
		this.abandoned = other.abandoned;
		this.afterClose = other.afterClose;
		this.renewed = other.renewed;
		this.silentSince = other.silentSince;
		this.timer = other.timer;
		this.armed = other.armed;
		this.question = other.question;
		this.shouldRun = other.shouldRun;
		this.operatorDecided = other.operatorDecided;
		this.announced = other.announced;
		this.terminating = other.terminating;
		this.handedOver = other.handedOver;
	}

	/**
	 * An endpoint that was never started.
	 */
	static EndpointMachine registered(String id, EndpointOptions options, boolean contextual, boolean gated,
			Moment now) {
		return new EndpointMachine(id, options, contextual, gated, now);
	}

	/**
	 * An endpoint that was never started, and whose launches need no admission.
	 */
	static EndpointMachine registered(String id, EndpointOptions options, boolean contextual, Moment now) {
		return registered(id, options, contextual, false, now);
	}

	/**
	 * An endpoint of a new broker that keeps the totals of the same endpoint in an
	 * earlier broker.
	 */
	static EndpointMachine continuing(EndpointMachine earlier, EndpointOptions options, boolean contextual,
			boolean gated, Moment now) {
		EndpointMachine successor = registered(earlier.id, options, contextual, gated, now);
		successor.incarnation = earlier.incarnation;
		successor.restarts = earlier.restarts;
		successor.past = earlier.past.forgiven();
		successor.shouldRun = earlier.operatorDecided ? earlier.shouldRun : successor.shouldRun;
		successor.operatorDecided = earlier.operatorDecided;
		return successor;
	}

	/**
	 * A new endpoint with the id of a removed one whose abandoned incarnations still run:
	 * it must not use their numbers again.
	 */
	static EndpointMachine outliving(EndpointMachine removed, EndpointOptions options, boolean contextual,
			boolean gated, Moment now) {
		EndpointMachine added = registered(removed.id, options, contextual, gated, now);
		added.incarnation = removed.incarnation;
		return added;
	}

	/**
	 * The snapshot of the endpoint. Not to be called while a handler modifies this
	 * machine.
	 */
	EndpointSnapshot shown() {
		EndpointSnapshot made = this.shown;
		if (made == null) {
			made = new EndpointSnapshot(this.id, this.state, this.since.instant(), this.incarnation, this.incarnation,
					this.restarts, this.past.crashes(), this.past.drops(), this.past.consecutiveErrors(),
					abandonedCount(), nextStart(), lastCrash(), lastDecision(), waitingFor(), this.since.nanos());
			this.shown = made;
		}
		return made;
	}

	private @Nullable CrashSummary lastCrash() {
		CrashEntry last = this.past.lastCrash();
		return (last != null) ? last.summary() : null;
	}

	private @Nullable RestartDecision lastDecision() {
		UnwordedDecision last = this.past.lastDecision();
		return (last != null) ? last.inWords() : null;
	}

	@Override
	public EndpointSnapshot get() {
		return shown();
	}

	private @Nullable String waitingFor() {
		if (this.state == EndpointState.WAITING) {
			String barredBy = (this.afterClose instanceof AfterClose.Launch launch) ? launch.barredBy() : null;
			return (barredBy != null) ? barredBy : "the answer whether it may start";
		}
		return !isOverdue() ? null
				: "incarnation " + this.incarnation + " to end, which has not ended within the close timeout "
						+ this.options.closeTimeout()
						+ " and is not replaced while it lives; a stop or a restart from now on gives it up";
	}

	/** A backoff runs from the end of the incarnation, a revival from its crash. */
	private @Nullable Instant nextStart() {
		if (this.state == EndpointState.BACKOFF && this.afterClose instanceof AfterClose.Retry retry) {
			return plus(this.since.instant(), retry.delay());
		}
		if (this.state == EndpointState.DROPPED && this.armed && this.afterClose instanceof AfterClose.Drop drop
				&& drop.reviveAfter() != null) {
			return plus(drop.crashed().instant(), drop.reviveAfter());
		}
		return null;
	}

	/** The sum may exceed {@link Instant#MAX}. */
	private static Instant plus(Instant instant, Duration delay) {
		Duration left = Duration.between(instant, Instant.MAX);
		return (delay.compareTo(left) < 0) ? instant.plus(delay) : Instant.MAX;
	}

	/**
	 * Processes a signal.
	 * @param signal what happened, or is wanted
	 * @param now when
	 * @return the next machine, and the actions to carry out
	 * @throws IllegalStateException if the signal cannot happen in this state: a defect
	 * of the supervisor
	 */
	Step on(Signal signal, Moment now) {
		if (isStale(signal)) {
			return new Step(this);
		}
		SignalHandler handler = new SignalHandler(this, now);
		if (signal instanceof HandOver) {
			handler.handOver();
		}
		else if (signal instanceof TakeOver takeOver) {
			handler.takeOver(takeOver);
		}
		else if (signal instanceof OfIncarnation late && !isOfCurrent(late)) {
			handler.advanceAbandoned(late);
		}
		else {
			Transition<?> transition = Transitions.of(this.state, signal);
			if (transition == null) {
				if (signal instanceof Begin || signal instanceof Request) {
					return new Step(this);
				}
				throw new IllegalStateException(signal + " cannot happen in state " + this.state);
			}
			transition.take(handler, signal);
		}
		return handler.end();
	}

	/**
	 * Whether the signal came too late: from an earlier timer, to an earlier question,
	 * from or for an incarnation that has ended, or after the termination was announced
	 * or has begun.
	 */
	private boolean isStale(Signal signal) {
		if (signal instanceof OfTimer of) {
			return !this.armed || of.timer() != this.timer;
		}
		if (signal instanceof OfIncarnation of) {
			return !knows(of.incarnation());
		}
		if (signal instanceof Answer answer) {
			return this.state != EndpointState.WAITING || answer.question() != this.question;
		}
		if (signal instanceof Evict evict) {
			return this.announced || this.terminating || !isCurrent(evict.incarnation());
		}
		if (this.announced && (signal instanceof AnnounceTermination || signal instanceof Begin || launches(signal))) {
			return true;
		}
		return this.terminating && (signal instanceof Begin || signal instanceof Request || signal instanceof Terminate
				|| signal instanceof AnnounceTermination);
	}

	/**
	 * Whether an operator's request to launch something comes too late: the broker
	 * accepted it, and its end was announced or came before the request was carried out.
	 */
	boolean isTooLate(Signal signal) {
		return (this.announced || this.terminating) && launches(signal);
	}

	private static boolean launches(Signal signal) {
		return signal instanceof Request request && request.launches();
	}

	private boolean isOfCurrent(OfIncarnation signal) {
		return isCurrent(signal.incarnation());
	}

	/**
	 * Whether the broker is terminating and no thread of this endpoint runs any more,
	 * except for abandoned incarnations. Once true, this stays true.
	 */
	boolean isOver() {
		return this.terminating && this.progress == null;
	}

	/**
	 * Whether the endpoint has finished, or was dropped with no revival pending: only an
	 * operator can start it again.
	 */
	boolean hasEnded() {
		return switch (this.state) {
			case FINISHED -> true;
			case DROPPED -> !this.armed;
			case REGISTERED, STARTING, SERVING, CLOSING, BACKOFF, WAITING, STOPPED -> false;
		};
	}

	/**
	 * Whether each launch must be admitted.
	 */
	boolean isGated() {
		return this.question != UNGATED;
	}

	/**
	 * Whether its latest incarnation ended by itself, and it starts again because of
	 * that.
	 */
	boolean hasFailed() {
		return (this.state == EndpointState.CLOSING || this.state == EndpointState.BACKOFF)
				&& this.afterClose instanceof AfterClose.Retry;
	}

	/**
	 * Whether an operator's start makes sense now. What is overdue may never end, so
	 * nobody would see a start that waits for it.
	 */
	boolean mayStart() {
		return switch (this.state) {
			case REGISTERED, FINISHED, DROPPED, STOPPED -> true;
			case CLOSING -> this.afterClose instanceof AfterClose.Rest && !isOverdue();
			case STARTING, SERVING, BACKOFF, WAITING -> false;
		};
	}

	/**
	 * Whether the latest incarnation counts as abandoned, and is waited for nevertheless.
	 */
	boolean isOverdue() {
		return this.progress != null && this.progress.overdue();
	}

	/** How many abandoned incarnations still run, in this broker and in inner brokers. */
	int abandonedCount() {
		int count = this.inner.abandoned() + (isOverdue() ? 1 : 0);
		for (Abandoned given : this.abandoned) {
			count += given.count();
		}
		return count;
	}

	/**
	 * Whether a thread of the incarnation itself still runs. If not, at most incarnations
	 * that its inner broker abandoned still do.
	 */
	boolean isAlive(long incarnation) {
		for (Abandoned given : this.abandoned) {
			if (given.incarnation() == incarnation) {
				return !given.progress().isOver();
			}
		}
		return isCurrent(incarnation);
	}

	/**
	 * Whether the incarnation of this number lives, or has left threads running.
	 */
	boolean knows(long incarnation) {
		if (isCurrent(incarnation)) {
			return true;
		}
		for (Abandoned given : this.abandoned) {
			if (given.incarnation() == incarnation) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether the incarnation of this number is the latest and lives.
	 */
	boolean isCurrent(long incarnation) {
		return this.progress != null && this.incarnation == incarnation;
	}

}
