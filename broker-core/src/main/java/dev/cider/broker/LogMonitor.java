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
 * it listens. The log asks, and what it does not want it is not sent for a second: a
 * level that is turned on has effect within that time.
 */
final class LogMonitor {

	private static final Logger logger = LoggerFactory.getLogger(Broker.class);

	private static final long BORED_NANOS = 1_000_000_000;

	private final LongSupplier nanos;

	private final Map<String, Repeat> lastCrashes = new HashMap<>();

	/** Written by the log's thread, read by whoever has something for it. */
	private volatile long boredByChangesUntil;

	private volatile long boredByCrashesUntil;

	LogMonitor() {
		this(System::nanoTime);
	}

	LogMonitor(LongSupplier nanos) {
		this.nanos = nanos;
		this.boredByChangesUntil = nanos.getAsLong();
		this.boredByCrashesUntil = this.boredByChangesUntil;
	}

	/**
	 * Whether the log may want to hear of a change. Asks nobody.
	 */
	boolean mayWant(EndpointChange change) {
		return this.nanos.getAsLong() - this.boredByChangesUntil >= 0 || isLoss(change);
	}

	/**
	 * Whether the log may want to hear of a crash. Asks nobody.
	 */
	boolean mayWant(EndpointCrashReport report) {
		return this.nanos.getAsLong() - this.boredByCrashesUntil >= 0 || report.dropped();
	}

	void crashed(EndpointCrashReport report, Failure failure) {
		Level level = report.dropped() ? Level.ERROR : Level.WARN;
		if (!logger.isWarnEnabled()) {
			this.boredByCrashesUntil = this.nanos.getAsLong() + BORED_NANOS;
		}
		if (!logger.isEnabledForLevel(level)) {
			return;
		}
		String id = report.factoryId();
		Repeat repeat = this.lastCrashes.merge(id, new Repeat(failure.fingerprint().value(), 1), Repeat::then);
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
		boolean informs = logger.isInfoEnabled();
		if (!informs) {
			this.boredByChangesUntil = this.nanos.getAsLong() + BORED_NANOS;
		}
		// What is inherited comes while the state stays; to abandon ends the closing.
		if (isLoss(change) && from.state() == to.state()) {
			logger.error("{}: abandoned incarnations of the broker before that are still alive: {}", to.id(),
					to.abandoned());
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
		if (moved && informs) {
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

}
