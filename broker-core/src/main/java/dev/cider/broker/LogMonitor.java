package dev.cider.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes the log: changes as INFO, crashes as WARN, drops as ERROR. A crash comes with
 * its stack the first time and whenever it is of another kind than the one before; else
 * one line with a repeat count must do. Every line about an endpoint starts with its id.
 * Confined to the thread of its mailbox, except for notes and for what it wants.
 * <p>
 * A logging backend is user code, so whoever tells the log something cannot ask whether
 * it listens. The log asks; what was not wanted {@value #MUTE_AFTER_CALLS} times in a row
 * it is not sent for half a second. So a level that is turned on has effect in that time,
 * and a filter that lets some lines through is asked about nearly all.
 */
final class LogMonitor {

	static final int MUTE_AFTER_CALLS = 100;

	private static final long PAUSE_NANOS = 500_000_000;

	/** The name of the broker's class: applications set the level of that. */
	static final String LOGGER = "dev.cider.broker.Broker";

	private static final Logger logger = LoggerFactory.getLogger(LOGGER);

	private final MutedLevel changesMuted;

	private final MutedLevel crashesMuted;

	/** Of what was logged: what was not may have been another kind of crash. */
	private final Map<String, Repeat> lastCrashes = new HashMap<>();

	LogMonitor() {
		this(System::nanoTime);
	}

	LogMonitor(LongSupplier nanos) {
		this.changesMuted = new MutedLevel(nanos);
		this.crashesMuted = new MutedLevel(nanos);
	}

	/**
	 * Whether the log may want to hear of a change. Asks nobody.
	 * @param loss whether something was abandoned
	 */
	boolean mayWantChange(boolean loss) {
		return loss || !this.changesMuted.isMuted();
	}

	/**
	 * Whether the log may want to hear of a crash. Asks nobody.
	 * @param dropped whether the endpoint was given up
	 */
	boolean mayWantCrash(boolean dropped) {
		return dropped || !this.crashesMuted.isMuted();
	}

	void crashed(EndpointCrashReport report, Failure failure) {
		Level level = report.dropped() ? Level.ERROR : Level.WARN;
		boolean listens = logger.isEnabledForLevel(level);
		if (!report.dropped()) {
			this.crashesMuted.heard(listens);
		}
		boolean muted = this.crashesMuted.isMuted();
		if (muted) {
			// What is not even sent may be of another kind.
			this.lastCrashes.clear();
		}
		String id = report.factoryId();
		if (!listens) {
			this.lastCrashes.remove(id);
			return;
		}
		Repeat latest = new Repeat(failure.fingerprint().value(), 1);
		Repeat repeat = muted ? latest : this.lastCrashes.merge(id, latest, Repeat::then);
		String what = (report.dropped() ? "dropped" : "crashed") + " in phase " + report.phase() + ", incarnation "
				+ report.incarnation() + ": " + failure.type()
				+ ((failure.message() != null) ? ": " + oneLine(failure.message()) : "");
		String again = (repeat.count == 1) ? "" : " (the same, " + repeat.count + " times in a row)";
		String line = id + ": " + what + "; " + report.decision().explanation() + again;
		write(level, line, (repeat.count == 1) ? failure.error() : null);
	}

	/** Every line starts with an id, so a message must not bring lines of its own. */
	private static String oneLine(String message) {
		return message.replaceAll("\\R", " | ");
	}

	/** Something was abandoned: an error. All other changes are for information. */
	private static boolean isLoss(EndpointChange change) {
		return change.to().abandoned() > change.from().abandoned();
	}

	void changed(EndpointChange change) {
		EndpointSnapshot from = change.from();
		EndpointSnapshot to = change.to();
		// To abandon one of its own ends the closing. What is taken over from a broker
		// before, or abandoned in one that is served here, leaves the state as it is.
		if (isLoss(change) && from.state() == to.state()) {
			logger.error("{}: abandoned in the broker before, or in one that is served here, and still alive: {}",
					to.id(), to.abandoned());
		}
		else if (isLoss(change)) {
			logger.error("{}: incarnation {} did not end in time and was abandoned; abandoned and alive: {}", to.id(),
					from.incarnation(), to.abandoned());
		}
		else if (to.abandoned() < from.abandoned()) {
			logger.info("{}: an abandoned incarnation has ended late; abandoned and alive: {}", to.id(),
					to.abandoned());
		}
		boolean moved = to.state() != from.state() || to.incarnation() != from.incarnation();
		boolean listens = logger.isInfoEnabled();
		this.changesMuted.heard(listens);
		if (moved && listens) {
			logger.info("{}: {} (incarnation {})", to.id(), to.state(), to.incarnation());
		}
	}

	void terminated(Termination termination) {
		for (Termination.Stuck stuck : termination.stuck()) {
			logger.error("{}: incarnation {} is still alive although the broker has terminated; its thread is at {}",
					stuck.id(), stuck.incarnation(), stuck.stack());
		}
		logger.info("Broker terminated");
	}

	/** For information: a planned shutdown makes many things fail. */
	void excused(String id, long incarnation, Failure failure) {
		logger.info("{}: incarnation {} ended while the application shuts down, which is no crash: {}{}", id,
				incarnation, failure.type(), (failure.message() != null) ? ": " + oneLine(failure.message()) : "");
	}

	/** The operator got no exception: only this line says what became of the request. */
	void tooLate(String id, String request) {
		logger.info("{}: a {} was overtaken by the end of the broker, and launches nothing", id, request);
	}

	/** Touches nothing that is confined, so any thread may call it. */
	void note(String what, @Nullable Throwable thrown) {
		write(Level.WARN, what, thrown);
	}

	/** A stack that cannot be read must not cost the line. */
	private void write(Level level, String line, @Nullable Throwable stack) {
		try {
			logger.atLevel(level).setCause(stack).log(line);
		}
		catch (Throwable unreadable) {
			logger.atLevel(level).log(line + " (its stack cannot be read: " + unreadable.getClass().getName() + ")");
		}
	}

	/**
	 * How often in a row an endpoint has crashed in the same way.
	 *
	 * @param fingerprint of the crash
	 * @param count how often in a row
	 */
	private record Repeat(int fingerprint, long count) {

		Repeat then(Repeat latest) {
			return (latest.fingerprint == this.fingerprint) ? new Repeat(this.fingerprint, this.count + 1) : latest;
		}

	}

	/**
	 * Whether a level has been off for so long that nothing is sent to the log for it.
	 */
	private static final class MutedLevel {

		private final LongSupplier nanos;

		/** Written by the log's thread, read by whoever has something for it. */
		private volatile long until;

		/** Confined to the log's thread. */
		private int inVain;

		MutedLevel(LongSupplier nanos) {
			this.nanos = nanos;
			this.until = nanos.getAsLong();
		}

		void heard(boolean listens) {
			this.inVain = listens ? 0 : this.inVain + 1;
			if (this.inVain >= MUTE_AFTER_CALLS) {
				this.inVain = 0;
				this.until = this.nanos.getAsLong() + PAUSE_NANOS;
			}
		}

		boolean isMuted() {
			return this.nanos.getAsLong() - this.until < 0;
		}

	}

}
