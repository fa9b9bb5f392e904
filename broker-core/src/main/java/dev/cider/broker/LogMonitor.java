package dev.cider.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.DefaultLoggingEventBuilder;
import org.slf4j.spi.LoggingEventAware;
import org.slf4j.spi.LoggingEventBuilder;
import org.slf4j.spi.NOPLoggingEventBuilder;

/**
 * Writes the log: changes as INFO, crashes as WARN, drops as ERROR. The first crash of an
 * endpoint, and each one of another kind than the crash before, is logged with its stack,
 * unless the log has written that stack within the last minute, for whichever endpoint:
 * then the line says where. A repeated crash is one line with a repeat count. Every line
 * about an endpoint starts with its id. Only the thread of its mailbox uses this object,
 * except for {@link #note(String, Throwable)} and the {@code mayWant} methods.
 * <p>
 * Every line about an endpoint also carries key-value fields, for structured logs:
 * {@value LoggingContext#KEY} and {@value #INCARNATION}, a crash {@value #PHASE} and
 * {@value #DECISION} too. They repeat what the text says and do not change it.
 * <p>
 * A logging backend is user code, so a thread that tells the log something cannot ask
 * whether a level is enabled. The log's thread asks. When a level was disabled
 * {@value #MUTE_AFTER_CALLS} times in a row, the log is told nothing for half a second.
 * So enabling a level has effect within that time, and a filter that lets some lines
 * through is asked about nearly all of them.
 */
final class LogMonitor {

	static final int MUTE_AFTER_CALLS = 100;

	private static final long PAUSE_NANOS = 500_000_000;

	/** The name of the class {@code Broker}: applications set its level. */
	static final String LOGGER = "dev.cider.broker.Broker";

	/** The field with the number of the incarnation. */
	static final String INCARNATION = "broker.incarnation";

	/** The field with the {@link CrashPhase}. */
	static final String PHASE = "broker.phase";

	/** The field with the explanation of the decision. */
	static final String DECISION = "broker.decision";

	private static final Logger brokerLogger = LoggerFactory.getLogger(LOGGER);

	private final Logger logger;

	private final MutedLevel changesMuted;

	private final MutedLevel crashesMuted;

	/** Logged crashes only: one that is not logged may be of another kind. */
	private final Map<String, Repeat> lastCrashes = new HashMap<>();

	private final LoggedStacks stacks;

	LogMonitor() {
		this(brokerLogger, System::nanoTime);
	}

	LogMonitor(Logger logger, LongSupplier nanos) {
		this.logger = logger;
		this.changesMuted = new MutedLevel(nanos);
		this.crashesMuted = new MutedLevel(nanos);
		this.stacks = new LoggedStacks(nanos);
	}

	/**
	 * Whether the log has to be told of a change. Does not ask the backend.
	 * @param loss whether an incarnation was abandoned
	 */
	boolean mayWantChange(boolean loss) {
		return loss || !this.changesMuted.isMuted();
	}

	/**
	 * Whether the log has to be told of a crash. Does not ask the backend.
	 * @param dropped whether the endpoint was dropped
	 */
	boolean mayWantCrash(boolean dropped) {
		return dropped || !this.crashesMuted.isMuted();
	}

	void crashed(EndpointCrashReport report, Failure failure) {
		Level level = report.dropped() ? Level.ERROR : Level.WARN;
		boolean listens = this.logger.isEnabledForLevel(level);
		if (!report.dropped()) {
			this.crashesMuted.heard(listens);
		}
		boolean muted = this.crashesMuted.isMuted();
		if (muted) {
			// A crash that the log is not told of may be of another kind.
			this.lastCrashes.clear();
		}
		String id = report.factoryId();
		if (!listens) {
			this.lastCrashes.remove(id);
			return;
		}
		LoggedStacks.Kind kind = new LoggedStacks.Kind(failure.fingerprint().value(), failure.type());
		Repeat latest = new Repeat(kind.fingerprint(), 1);
		Repeat repeat = muted ? latest : this.lastCrashes.merge(id, latest, Repeat::then);
		String what = (report.dropped() ? "dropped" : "crashed") + " in phase " + report.phase() + ", incarnation "
				+ report.incarnation() + ": " + failure.type()
				+ ((failure.message() != null) ? ": " + oneLine(failure.message()) : "");
		String line = id + ": " + what + "; " + report.decision().explanation();
		LoggedStacks.Stack elsewhere = this.stacks.find(kind);
		if (repeat.count > 1) {
			write(() -> line(level, report), line + " (the same, " + repeat.count + " times in a row)", null);
		}
		else if (elsewhere != null) {
			write(() -> line(level, report), line + " (" + elsewhere + ")", null);
		}
		else if (write(() -> line(level, report), line, failure.error())) {
			this.stacks.written(kind, id, report.at());
		}
	}

	/** Every line starts with an id, so a message must not add lines without one. */
	private static String oneLine(String message) {
		return message.replaceAll("\\R", " | ");
	}

	/** A newly abandoned incarnation is an error, every other change information. */
	private static boolean isLoss(EndpointChange change) {
		return change.to().abandoned() > change.from().abandoned();
	}

	void changed(EndpointChange change) {
		EndpointSnapshot from = change.from();
		EndpointSnapshot to = change.to();
		// An endpoint that abandons its own incarnation leaves the state CLOSING, unless
		// it waits for it. Its state does not change either when it takes over abandoned
		// incarnations from its predecessor, or when its inner broker abandons one.
		if (isLoss(change) && to.waitingFor() != null && from.waitingFor() == null) {
			line(Level.ERROR, to.id(), to.incarnation()).log("{}: waits for {}", to.id(), to.waitingFor());
		}
		else if (isLoss(change) && from.state() == to.state()) {
			line(Level.ERROR, to.id(), to.incarnation()).log(
					"{}: abandoned in the broker before, or in one that is served here, and still alive: {}", to.id(),
					to.abandoned());
		}
		else if (isLoss(change)) {
			line(Level.ERROR, to.id(), from.incarnation()).log(
					"{}: incarnation {} did not end in time and was abandoned; abandoned and alive: {}", to.id(),
					from.incarnation(), to.abandoned());
		}
		else if (to.abandoned() < from.abandoned()) {
			line(Level.INFO, to.id(), to.incarnation())
				.log("{}: an abandoned incarnation has ended late; abandoned and alive: {}", to.id(), to.abandoned());
		}
		boolean moved = to.state() != from.state() || to.incarnation() != from.incarnation();
		boolean listens = this.logger.isInfoEnabled();
		this.changesMuted.heard(listens);
		if (moved && listens) {
			// Many endpoints may wait for one gate, which has a line of its own.
			Level level = (to.state() == EndpointState.WAITING) ? Level.DEBUG : Level.INFO;
			line(level, to.id(), to.incarnation()).log("{}: {} (incarnation {})", to.id(), to.state(),
					to.incarnation());
		}
	}

	void terminated(Termination termination) {
		for (Termination.Stuck stuck : termination.stuck()) {
			line(Level.ERROR, stuck.id(), stuck.incarnation()).log(
					"{}: incarnation {} is still alive although the broker has terminated; its thread is at {}",
					stuck.id(), stuck.incarnation(), stuck.stack());
		}
		this.logger.info("Broker terminated");
	}

	/** As information: many things fail in a planned shutdown. */
	void excused(String id, long incarnation, Failure failure) {
		if (this.logger.isInfoEnabled()) {
			line(Level.INFO, id, incarnation).log(
					"{}: incarnation {} ended while the application shuts down, which is no crash: {}{}", id,
					incarnation, failure.type(), (failure.message() != null) ? ": " + oneLine(failure.message()) : "");
		}
	}

	/**
	 * The operator got no exception: only this line says what became of the request.
	 * @param incarnation the latest one, which the request did not replace
	 * @param by what came first
	 */
	void tooLate(String id, long incarnation, String request, String by) {
		line(Level.INFO, id, incarnation).log("{}: a {} was overtaken by {}, and launches nothing", id, request, by);
	}

	void added(EndpointSnapshot endpoint) {
		line(Level.INFO, endpoint.id(), endpoint.incarnation()).log("{}: added", endpoint.id());
	}

	void removed(EndpointSnapshot endpoint) {
		// A later endpoint of the same id has nothing to do with this one.
		this.lastCrashes.remove(endpoint.id());
		line(Level.INFO, endpoint.id(), endpoint.incarnation()).log("{}: removed", endpoint.id());
	}

	/** For tests: of how many endpoints the last crash is remembered. */
	int remembered() {
		return this.lastCrashes.size();
	}

	/** Lines are missing: a crash among them may be of another kind, or a removal. */
	void lost() {
		this.lastCrashes.clear();
	}

	/** A problem of an endpoint that is not a crash. */
	void note(String id, long incarnation, String what, @Nullable Throwable thrown) {
		if (this.logger.isWarnEnabled()) {
			write(() -> line(Level.WARN, id, incarnation), id + ": " + what, thrown);
		}
	}

	/** What many endpoints have in common is told in one line. */
	void inform(String what) {
		this.logger.info(what);
	}

	/**
	 * A problem of no endpoint. Uses no field of the log's thread, so any thread may call
	 * it.
	 */
	void note(String what, @Nullable Throwable thrown) {
		write(this.logger::atWarn, what, thrown);
	}

	/**
	 * If the stack cannot be read, the line is still logged.
	 * @return whether the line was logged as it was given, with its stack
	 */
	private static boolean write(Supplier<LoggingEventBuilder> line, String text, @Nullable Throwable stack) {
		try {
			line.get().setCause(stack).log(text);
			return true;
		}
		catch (Throwable unreadable) {
			line.get().log(text + " (its stack cannot be read: " + unreadable.getClass().getName() + ")");
			return false;
		}
	}

	private LoggingEventBuilder line(Level level, EndpointCrashReport report) {
		LoggingEventBuilder line = line(level, report.factoryId(), report.incarnation());
		return takesFields(line)
				? line.addKeyValue(PHASE, report.phase().name()).addKeyValue(DECISION, report.decision().explanation())
				: line;
	}

	/**
	 * A line about an endpoint, still without its text.
	 * @param incarnation the one that the line names, or else the endpoint's latest
	 */
	private LoggingEventBuilder line(Level level, String id, long incarnation) {
		LoggingEventBuilder line = this.logger.atLevel(level);
		return takesFields(line) ? line.addKeyValue(LoggingContext.KEY, id).addKeyValue(INCARNATION, incarnation)
				: line;
	}

	/**
	 * Not if the level is off. And not if the backend has no fields: SLF4J would print
	 * them in front of the text, where the id belongs.
	 */
	private boolean takesFields(LoggingEventBuilder line) {
		return (line instanceof DefaultLoggingEventBuilder) ? this.logger instanceof LoggingEventAware
				: !(line instanceof NOPLoggingEventBuilder);
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
	 * A level that was disabled so often in a row that the log is told nothing at it for
	 * a while.
	 */
	private static final class MutedLevel {

		private final LongSupplier nanos;

		/** Written by the log's thread, read by threads that tell the log something. */
		private volatile long until;

		/** Used by the log's thread only. */
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
