package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

import dev.cider.broker.Signal.AnnounceTermination;
import dev.cider.broker.Signal.Begin;
import dev.cider.broker.Signal.HandOver;
import dev.cider.broker.Signal.TakeOver;
import dev.cider.broker.Signal.OfIncarnation;
import dev.cider.broker.Signal.Request;
import dev.cider.broker.Signal.OfTimer;
import dev.cider.broker.Signal.Stop;
import dev.cider.broker.Signal.Terminate;
import dev.cider.broker.Transitions.Transition;
import org.jspecify.annotations.Nullable;

/**
 * All that decides about one endpoint, as an immutable value: it is told a {@link Signal}
 * and answers with its next value and the {@link Action}s that shall be done. No thread,
 * no lock, no clock, no chance, no user code; so it can be simulated.
 * <p>
 * A {@link SignalHandler} makes the next value: it writes on a copy that nobody else has
 * yet. There is one of these per endpoint, for each signal, so what can be seen is not a
 * part but {@linkplain #shown() made of it} for whoever looks.
 */
final class EndpointMachine implements Supplier<EndpointSnapshot> {

	final String id;

	/** How the endpoint is supervised. */
	final EndpointOptions options;

	/** Whether its incarnations can say that they are ready. */
	final boolean contextual;

	EndpointState state;

	/** Since when it is in this state with this incarnation. */
	Moment since;

	/** The number of the latest incarnation, and of all that were ever launched. */
	long incarnation;

	long restarts;

	ExitTotals past = ExitTotals.NONE;

	/** How far the latest incarnation has come, if it lives. */
	@Nullable Progress progress;

	/** What is known of the broker that the latest incarnation serves. */
	Inner inner = Inner.NONE;

	/** The incarnations that have left something alive. */
	List<Abandoned> abandoned = List.of();

	/** Where {@link EndpointState#CLOSING} leads. */
	AfterClose afterClose = AfterClose.REST;

	/** Whether the close timeout has passed once and the threads were interrupted. */
	boolean interrupted;

	/**
	 * Whether the time limit that runs was given one fresh window, because its timer
	 * fired far too late: the JVM stood still, and so did who has the limit.
	 */
	boolean renewed;

	/** From when a heartbeat is missed, in nanoseconds, while one is awaited. */
	long silentSince;

	/** The number of the latest timer. */
	long timer;

	/** Whether that timer is awaited. */
	boolean armed;

	/**
	 * Whether the endpoint should run: what an operator decided last, or
	 * {@code autoStart} until one decides.
	 */
	boolean shouldRun;

	/** Whether an operator decided that, in this broker or in a predecessor's. */
	boolean operatorDecided;

	/** Whether the broker's end was announced: nothing is launched any more. */
	boolean announced;

	/** Whether the broker ends. */
	boolean terminating;

	/** Whether what was abandoned is the next broker's. */
	boolean handedOver;

	/**
	 * Made by the first who looks. Two of them may make one each, which are equal; and
	 * who sees one sees all of it, for it is immutable.
	 */
	private @Nullable EndpointSnapshot shown;

	private EndpointMachine(String id, EndpointOptions options, boolean contextual, Moment now) {
		this.id = id;
		this.options = options;
		this.contextual = contextual;
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
		this.interrupted = other.interrupted;
		this.renewed = other.renewed;
		this.silentSince = other.silentSince;
		this.timer = other.timer;
		this.armed = other.armed;
		this.shouldRun = other.shouldRun;
		this.operatorDecided = other.operatorDecided;
		this.announced = other.announced;
		this.terminating = other.terminating;
		this.handedOver = other.handedOver;
	}

	/**
	 * An endpoint that was never started.
	 */
	static EndpointMachine registered(String id, EndpointOptions options, boolean contextual, Moment now) {
		return new EndpointMachine(id, options, contextual, now);
	}

	/**
	 * An endpoint of a new broker that goes on counting where an earlier broker's ended.
	 */
	static EndpointMachine continuing(EndpointMachine earlier, EndpointOptions options, boolean contextual,
			Moment now) {
		EndpointMachine successor = registered(earlier.id, options, contextual, now);
		successor.incarnation = earlier.incarnation;
		successor.restarts = earlier.restarts;
		successor.past = earlier.past.forgiven();
		successor.shouldRun = earlier.operatorDecided ? earlier.shouldRun : successor.shouldRun;
		successor.operatorDecided = earlier.operatorDecided;
		return successor;
	}

	/**
	 * What can be seen of it. Not while a handler writes on it.
	 */
	EndpointSnapshot shown() {
		EndpointSnapshot made = this.shown;
		if (made == null) {
			made = new EndpointSnapshot(this.id, this.state, this.since.instant(), this.incarnation, this.incarnation,
					this.restarts, this.past.crashes(), this.past.drops(), this.past.consecutiveErrors(),
					abandonedCount(), nextStart(), this.past.lastCrash(), this.past.lastDecision(), this.since.nanos());
			this.shown = made;
		}
		return made;
	}

	@Override
	public EndpointSnapshot get() {
		return shown();
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

	/** A delay may reach beyond the end of time as {@link Instant} knows it. */
	private static Instant plus(Instant instant, Duration delay) {
		Duration left = Duration.between(instant, Instant.MAX);
		return (delay.compareTo(left) < 0) ? instant.plus(delay) : Instant.MAX;
	}

	/**
	 * Tells the machine something.
	 * @param signal what happened, or is wanted
	 * @param now when
	 * @return what the machine is then, and what shall be done
	 * @throws IllegalStateException if this cannot happen in this state: a defect of the
	 * supervisor
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
	 * Whether the signal came too late: of an earlier timer, of an incarnation that has
	 * ended, or after the end of the broker was announced or has begun.
	 */
	private boolean isStale(Signal signal) {
		if (signal instanceof OfTimer of) {
			return !this.armed || of.timer() != this.timer;
		}
		if (signal instanceof OfIncarnation of) {
			return !knows(of.incarnation());
		}
		boolean launches = signal instanceof Begin || signal instanceof Request && !(signal instanceof Stop);
		if (this.announced && (signal instanceof AnnounceTermination || launches)) {
			return true;
		}
		return this.terminating && (launches || signal instanceof Stop || signal instanceof Terminate
				|| signal instanceof AnnounceTermination);
	}

	/**
	 * Whether an operator's request to launch something comes too late: the broker
	 * accepted it, and its end was announced or came before the request was carried out.
	 */
	boolean isTooLate(Signal signal) {
		return (this.announced || this.terminating)
				&& (signal instanceof Signal.Start || signal instanceof Signal.Restart);
	}

	private boolean isOfCurrent(OfIncarnation signal) {
		return isCurrent(signal.incarnation());
	}

	/**
	 * Whether the broker ends and nothing of this endpoint runs any more, what was
	 * abandoned excepted. That is for good.
	 */
	boolean isOver() {
		return this.terminating && this.progress == null;
	}

	/**
	 * Whether it has come to an end by itself, and nothing but an operator will change
	 * that.
	 */
	boolean hasEnded() {
		return switch (this.state) {
			case FINISHED -> true;
			case DROPPED -> !this.armed;
			case REGISTERED, STARTING, SERVING, CLOSING, BACKOFF, STOPPED -> false;
		};
	}

	/**
	 * Whether an operator's start makes sense now.
	 */
	boolean mayStart() {
		return switch (this.state) {
			case REGISTERED, FINISHED, DROPPED, STOPPED -> true;
			case CLOSING -> this.afterClose instanceof AfterClose.Rest;
			case STARTING, SERVING, BACKOFF -> false;
		};
	}

	/** How many live that were given up on, here or in brokers that are served here. */
	int abandonedCount() {
		int count = this.inner.abandoned();
		for (Abandoned given : this.abandoned) {
			count += given.count();
		}
		return count;
	}

	/**
	 * Whether something of the incarnation itself has not ended. If not, at most what the
	 * broker that it served had to abandon lives on.
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
	 * Whether the incarnation of this number lives or was abandoned alive.
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
