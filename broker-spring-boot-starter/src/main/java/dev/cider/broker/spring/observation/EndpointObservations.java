package dev.cider.broker.spring.observation;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.Termination;
import dev.cider.broker.spring.observation.EndpointObservationContext.Moment;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observes the endpoints of one broker: see {@link EndpointObservation}. A recovery is a
 * trace of its own; the closes and starts during it are its children.
 * <p>
 * Every observation ends: when its end is told, or when a later event shows that its end
 * was lost, or with the broker. So there are at most three for each endpoint. A drop ends
 * a recovery; the next start of that endpoint begins another one, which still knows since
 * when the endpoint is down. A recovery has at most {@value #EVENT_LIMIT} events, the
 * first ones: an endpoint that is restarted without limit may be down for days.
 * <p>
 * All methods are called on the thread of this monitor's mailbox. What a handler, a
 * convention or a listener throws is logged and otherwise ignored.
 */
public class EndpointObservations implements BrokerMonitor {

	/** How many events a recovery has; later ones are not recorded. */
	public static final int EVENT_LIMIT = 100;

	private static final Logger logger = LoggerFactory.getLogger(EndpointObservations.class);

	private final ObservationRegistry registry;

	private final EndpointObservationConvention convention;

	private final List<RecoveryListener> listeners;

	private final LongSupplier nanoTime;

	/** The endpoints that start, close, are down, or have a report to be used. */
	private final Map<String, Ongoing> ongoing = new HashMap<>();

	/**
	 * A new monitor, for one broker.
	 * @param registry where the observations are made
	 * @param convention decides the keys
	 * @param listeners are told of each recovery
	 */
	public EndpointObservations(ObservationRegistry registry, EndpointObservationConvention convention,
			List<RecoveryListener> listeners) {
		this(registry, convention, listeners, System::nanoTime);
	}

	EndpointObservations(ObservationRegistry registry, EndpointObservationConvention convention,
			List<RecoveryListener> listeners, LongSupplier nanoTime) {
		this.registry = registry;
		this.convention = convention;
		this.listeners = List.copyOf(listeners);
		this.nanoTime = nanoTime;
	}

	/** The change of the same crash comes next, and has its time. */
	@Override
	public void crashed(EndpointCrashReport report) {
		this.ongoing.computeIfAbsent(report.factoryId(), (id) -> new Ongoing()).report = report;
	}

	@Override
	public void changed(EndpointChange change) {
		String id = change.to().id();
		Ongoing endpoint = this.ongoing.computeIfAbsent(id, (each) -> new Ongoing());
		endpoint.loseWhatEndedBefore(change);
		endpoint.follow(change);
		if (endpoint.isIdle()) {
			this.ongoing.remove(id);
		}
	}

	@Override
	public void removed(EndpointSnapshot endpoint) {
		Ongoing known = this.ongoing.remove(endpoint.id());
		if (known != null) {
			// After a drop, or if the events of its end were lost.
			known.endAll(EndpointOutcome.LOST, endpoint.sinceNanos());
		}
		this.listeners.forEach((listener) -> guarded(endpoint.id(), () -> listener.removed(endpoint.id())));
	}

	@Override
	public void terminated(Termination termination) {
		long now = this.nanoTime.getAsLong();
		this.ongoing.values().forEach((endpoint) -> endpoint.endAll(EndpointOutcome.TERMINATED, now));
		this.ongoing.clear();
	}

	/** For tests: how many endpoints are remembered. */
	int remembered() {
		return this.ongoing.size();
	}

	private static Moment momentOf(EndpointSnapshot snapshot) {
		return new Moment(snapshot.since(), snapshot.sinceNanos());
	}

	private static void guarded(String endpoint, Runnable step) {
		try {
			step.run();
		}
		catch (Throwable thrown) {
			logger.warn("{}: an observation handler, convention or listener threw; the broker goes on", endpoint,
					thrown);
		}
	}

	/**
	 * What is observed of one endpoint.
	 */
	private final class Ongoing {

		private @Nullable Running start;

		private @Nullable Running close;

		private @Nullable Running recovery;

		/** When the endpoint crashed first, until it is ready; also after a drop. */
		private @Nullable Moment downSince;

		private boolean abandons;

		private @Nullable EndpointCrashReport report;

		boolean isIdle() {
			return this.start == null && this.close == null && this.recovery == null && this.downSince == null;
		}

		/**
		 * Ends the observations whose end was lost: the endpoint is no longer in the
		 * state that they need. That end was before this change.
		 */
		void loseWhatEndedBefore(EndpointChange change) {
			EndpointSnapshot from = change.from();
			long until = from.sinceNanos();
			if (this.start != null
					&& (from.state() != EndpointState.STARTING || from.incarnation() != this.start.incarnation())) {
				this.start = end(this.start, EndpointOutcome.LOST, until);
			}
			if (this.close != null
					&& (from.state() != EndpointState.CLOSING || from.incarnation() != this.close.incarnation())) {
				this.close = end(this.close, EndpointOutcome.LOST, until);
			}
			if (this.recovery != null && isOver(from.state())) {
				this.recovery = end(this.recovery, EndpointOutcome.LOST, until);
			}
			if (isOver(from.state()) && from.state() != EndpointState.DROPPED) {
				this.downSince = null;
			}
		}

		/** Whether a recovery ends in a state. */
		private static boolean isOver(EndpointState state) {
			return switch (state) {
				case SERVING, STOPPED, FINISHED, DROPPED -> true;
				case REGISTERED, STARTING, CLOSING, BACKOFF, WAITING -> false;
			};
		}

		void follow(EndpointChange change) {
			EndpointSnapshot from = change.from();
			EndpointSnapshot to = change.to();
			boolean launched = to.state() == EndpointState.STARTING && to.incarnation() != from.incarnation();
			Crash crash = (to.crashes() > from.crashes()) ? crash(to) : null;
			this.report = null;
			this.abandons |= abandonsItself(from, to);
			endStart(to, crash);
			endClose(to);
			if (crash != null) {
				crashed(to, crash);
			}
			else if (launched && this.downSince != null && this.recovery == null) {
				this.recovery = begin(EndpointObservation.RECOVERY, to, this.downSince);
			}
			if (to.state() == EndpointState.BACKOFF && from.state() != EndpointState.BACKOFF) {
				backsOff(to);
			}
			if (launched) {
				event("broker.endpoint.attempt", "attempt: incarnation " + to.incarnation(), to.since());
				this.start = begin(EndpointObservation.START, to, momentOf(to));
			}
			if (to.state() == EndpointState.CLOSING && this.close == null) {
				this.abandons = false;
				this.close = begin(EndpointObservation.CLOSE, to, momentOf(to));
			}
			endRecovery(to);
		}

		/**
		 * A group that goes on closing has lost only a member, unless it waits for its
		 * own incarnation.
		 */
		private static boolean abandonsItself(EndpointSnapshot from, EndpointSnapshot to) {
			return to.abandoned() > from.abandoned()
					&& (to.state() != EndpointState.CLOSING || to.waitingFor() != null);
		}

		private void endStart(EndpointSnapshot to, @Nullable Crash crash) {
			Running begun = this.start;
			if (begun == null || to.state() == EndpointState.STARTING && to.incarnation() == begun.incarnation()) {
				return;
			}
			if (crash != null) {
				begun.fail(crash);
			}
			EndpointOutcome outcome = (crash != null) ? EndpointOutcome.CRASHED
					: (to.state() == EndpointState.SERVING) ? EndpointOutcome.READY : EndpointOutcome.CLOSED;
			this.start = end(begun, outcome, to.sinceNanos());
		}

		private void endClose(EndpointSnapshot to) {
			if (this.close != null && to.state() != EndpointState.CLOSING) {
				this.close = end(this.close, this.abandons ? EndpointOutcome.ABANDONED : EndpointOutcome.CLOSED,
						to.sinceNanos());
			}
		}

		/** The state after a crash begins at the moment of the crash. */
		private void crashed(EndpointSnapshot to, Crash crash) {
			if (this.recovery != null) {
				event("broker.endpoint.crash", crash.words(), to.since());
				return;
			}
			if (this.downSince == null) {
				this.downSince = momentOf(to);
			}
			this.recovery = begin(EndpointObservation.RECOVERY, to, this.downSince);
			this.recovery.fail(crash);
		}

		private void backsOff(EndpointSnapshot to) {
			Instant next = to.nextStart();
			String length = (next != null) ? " of " + Duration.between(to.since(), next).toMillis() + " ms" : "";
			event("broker.endpoint.backoff", "backoff" + length, to.since());
		}

		private void endRecovery(EndpointSnapshot to) {
			if (!isOver(to.state())) {
				return;
			}
			if (to.state() == EndpointState.SERVING && this.recovery == null && this.downSince != null) {
				// The change that began it was lost.
				this.recovery = begin(EndpointObservation.RECOVERY, to, this.downSince);
			}
			if (this.recovery != null) {
				this.recovery = end(this.recovery, switch (to.state()) {
					case SERVING -> EndpointOutcome.READY;
					case FINISHED -> EndpointOutcome.FINISHED;
					case DROPPED -> EndpointOutcome.DROPPED;
					default -> EndpointOutcome.STOPPED;
				}, to.sinceNanos());
			}
			if (to.state() != EndpointState.DROPPED) {
				this.downSince = null;
			}
		}

		void endAll(EndpointOutcome outcome, long nanos) {
			if (this.start != null) {
				this.start = end(this.start, outcome, nanos);
			}
			if (this.close != null) {
				this.close = end(this.close, outcome, nanos);
			}
			if (this.recovery != null) {
				this.recovery = end(this.recovery, outcome, nanos);
			}
		}

		private @Nullable Crash crash(EndpointSnapshot to) {
			CrashSummary summary = to.lastCrash();
			if (summary == null) {
				return null;
			}
			EndpointCrashReport known = this.report;
			return new Crash(summary,
					(known != null && known.incarnation() == summary.incarnation()) ? known.error() : null);
		}

		private void event(String name, String words, Instant at) {
			Running running = this.recovery;
			if (running != null) {
				running.event(new EndpointEvent(name, words, at));
			}
		}

		private Running begin(EndpointObservation observation, EndpointSnapshot to, Moment downSince) {
			Running parent = (observation == EndpointObservation.RECOVERY) ? null : this.recovery;
			Running begun = new Running(
					new EndpointObservationContext(observation, to.id(), to.incarnation(), momentOf(to), downSince));
			begun.start(parent);
			return begun;
		}

		/** Returns {@code null}: nothing is observed any more. */
		private @Nullable Running end(Running running, EndpointOutcome outcome, long nanos) {
			running.stop(outcome, nanos);
			return null;
		}

	}

	/**
	 * An observation that has not ended. Its context is kept here too, because that of a
	 * disabled observation is empty.
	 */
	private final class Running {

		private final EndpointObservationContext context;

		private Observation observation = Observation.NOOP;

		private int events;

		Running(EndpointObservationContext context) {
			this.context = context;
		}

		long incarnation() {
			return this.context.incarnation();
		}

		private void guarded(Runnable step) {
			EndpointObservations.guarded(this.context.endpoint(), step);
		}

		void start(@Nullable Running parent) {
			guarded(() -> {
				Observation created = Observation.createNotStarted(this.context.observation().observationName(),
						() -> this.context, EndpointObservations.this.registry);
				created.observationConvention(EndpointObservations.this.convention);
				if (parent != null && !parent.observation.isNoop()) {
					created.parentObservation(parent.observation);
				}
				this.observation = created;
				created.start();
			});
		}

		void fail(Crash crash) {
			this.context.crashed(crash.summary().phase(), crash.exception());
			Throwable error = crash.error();
			if (error != null) {
				guarded(() -> this.observation.error(error));
			}
		}

		void event(EndpointEvent event) {
			if (this.events < EVENT_LIMIT) {
				this.events++;
				guarded(() -> this.observation.event(event));
			}
		}

		void stop(EndpointOutcome outcome, long nanos) {
			this.context.end(outcome, nanos);
			guarded(this.observation::stop);
			if (outcome == EndpointOutcome.READY && this.context.observation() == EndpointObservation.RECOVERY) {
				EndpointObservations.this.listeners
					.forEach((listener) -> guarded(() -> listener.recovered(this.context)));
			}
		}

	}

	/**
	 * A crash.
	 *
	 * @param summary what the snapshot says of it
	 * @param error what was thrown; {@code null} if the report was lost
	 */
	private record Crash(CrashSummary summary, @Nullable Throwable error) {

		/**
		 * As the meters name it. If the report was lost, the meters do not count the
		 * crash, and only the name of its class is known: a wrapper keeps its own name.
		 */
		String exception() {
			if (this.error != null) {
				return ExceptionName.of(this.error);
			}
			String type = this.summary.type();
			return type.substring(type.lastIndexOf('.') + 1);
		}

		String words() {
			return "crash of incarnation " + this.summary.incarnation() + " in phase " + this.summary.phase() + ": "
					+ exception();
		}

	}

}
