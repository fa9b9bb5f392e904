package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.cider.broker.restart.RestartDecision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the log says (G22).
 */
class LogMonitorTests {

	private static final Map<String, Object> CRASH_FIELDS = Map.of("broker.endpoint", "tcp", "broker.incarnation", 7L,
			"broker.phase", "SERVE", "broker.decision", "error 1 of 3: restart at once");

	private static final long MINUTE = 60_000_000_000L;

	/** The local time of day of every crash here. */
	private static final String EPOCH_HERE = LocalTime.ofInstant(Instant.EPOCH, ZoneId.systemDefault())
		.format(DateTimeFormatter.ofPattern("HH:mm:ss"));

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);

	private final LogMonitor log = new LogMonitor(this.logger, this.nanos::get);

	@BeforeEach
	void listen() {
		this.logger.setLevel(Level.DEBUG);
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	@AfterEach
	void leave() {
		this.logger.detachAppender(this.lines);
		this.logger.setLevel(null);
	}

	private void crash(Throwable error, boolean dropped) {
		crash(this.log, error, dropped);
	}

	private static void crash(LogMonitor log, Throwable error, boolean dropped) {
		crash(log, "tcp", error, dropped);
	}

	private void crash(String id, Throwable error) {
		crash(this.log, id, error, false);
	}

	private static void crash(LogMonitor log, String id, Throwable error, boolean dropped) {
		log.crashed(report(id, error, dropped), failure(error));
	}

	private static Failure failure(Throwable error) {
		return Failure.of(error, (any) -> false, (broken) -> {
		});
	}

	private static EndpointCrashReport report(String id, Throwable error, boolean dropped) {
		RestartDecision decision = dropped ? new RestartDecision.Drop(null, 3, "error 3 of 3: drop")
				: new RestartDecision.Restart(Duration.ZERO, 1, "error 1 of 3: restart at once");
		return new EndpointCrashReport(id, dropped, error, 7, CrashPhase.SERVE, Instant.EPOCH, Duration.ZERO, 1,
				decision);
	}

	/** Crashes of one kind come from one place. */
	private static Exception boom() {
		Exception boom = new Exception("boom");
		boom.setStackTrace(new StackTraceElement[] { new StackTraceElement("Tcp", "read", "Tcp.java", 42) });
		return boom;
	}

	@Test
	void aCrashIsAWarningWithItsStackTheFirstTimeAndOneLineWithACountAfterwards() {
		for (int i = 0; i < 3; i++) {
			crash(boom(), false);
		}
		assertThat(this.lines.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.WARN);
		assertThat(this.lines.list).extracting(ILoggingEvent::getFormattedMessage)
			.containsExactly(
					"tcp: crashed in phase SERVE, incarnation 7: java.lang.Exception: boom; error 1 of 3: restart at once",
					"tcp: crashed in phase SERVE, incarnation 7: java.lang.Exception: boom; error 1 of 3: restart at once"
							+ " (the same, 2 times in a row)",
					"tcp: crashed in phase SERVE, incarnation 7: java.lang.Exception: boom; error 1 of 3: restart at once"
							+ " (the same, 3 times in a row)");
		assertThat(this.lines.list).extracting((line) -> line.getThrowableProxy() != null)
			.containsExactly(true, false, false);
	}

	@Test
	void aCrashOfAnotherKindComesWithItsStackAgain() {
		crash(boom(), false);
		crash(boom(), false);
		crash(new IllegalStateException("other"), false);
		this.nanos.addAndGet(MINUTE);
		crash(boom(), false);
		assertThat(stacks()).containsExactly(true, false, true, true);
	}

	private List<Boolean> stacks() {
		return this.lines.list.stream().map((line) -> line.getThrowableProxy() != null).toList();
	}

	private String end(int line) {
		return this.lines.list.get(line).getFormattedMessage().replaceFirst(".*: restart at once", "");
	}

	@Test
	void aThousandEndpointsThatCrashInTheSameWayWriteOneStackAndALineEachThatSaysWhereItIs() {
		for (int i = 1; i <= 1000; i++) {
			crash("feed-" + i, boom());
		}
		assertThat(this.lines.list).hasSize(1000);
		assertThat(stacks()).startsWith(true).filteredOn((stack) -> stack).hasSize(1);
		assertThat(end(0)).isEmpty();
		assertThat(end(1)).isEqualTo(" (stack: see endpoint 'feed-1', " + EPOCH_HERE + "; 1 more since)");
		assertThat(end(999)).isEqualTo(" (stack: see endpoint 'feed-1', " + EPOCH_HERE + "; 999 more since)");
	}

	@Test
	void aLineWithoutItsStackCarriesTheSameFields() {
		crash("udp", boom());
		crash(boom(), false);
		assertThat(stacks()).containsExactly(true, false);
		assertThat(fields(this.lines.list.get(1))).isEqualTo(CRASH_FIELDS);
	}

	@Test
	void afterAMinuteTheNextEndpointWritesTheStackAgain() {
		crash("feed-1", boom());
		this.nanos.addAndGet(MINUTE - 1);
		crash("feed-2", boom());
		this.nanos.addAndGet(1);
		crash("feed-3", boom());
		crash("feed-4", boom());
		assertThat(stacks()).containsExactly(true, false, true, false);
		assertThat(end(3)).isEqualTo(" (stack: see endpoint 'feed-3', " + EPOCH_HERE + "; 1 more since)");
	}

	@Test
	void aRepeatedCrashCountsWhereverItsStackIs() {
		crash("feed-1", boom());
		crash("feed-1", boom());
		crash("feed-2", boom());
		crash("feed-2", boom());
		crash("feed-3", boom());
		assertThat(end(1)).isEqualTo(" (the same, 2 times in a row)");
		assertThat(end(2)).isEqualTo(" (stack: see endpoint 'feed-1', " + EPOCH_HERE + "; 2 more since)");
		assertThat(end(3)).isEqualTo(" (the same, 2 times in a row)");
		assertThat(end(4)).isEqualTo(" (stack: see endpoint 'feed-1', " + EPOCH_HERE + "; 4 more since)");
	}

	@Test
	void twoCausesAtTheSameTimeHaveAStackEach() {
		Exception bang = new Exception("boom");
		bang.setStackTrace(new StackTraceElement[] { new StackTraceElement("Udp", "read", "Udp.java", 7) });
		crash("feed-1", boom());
		crash("feed-2", bang);
		crash("feed-3", boom());
		crash("feed-4", bang);
		assertThat(stacks()).containsExactly(true, true, false, false);
		assertThat(end(2)).contains("'feed-1'");
		assertThat(end(3)).contains("'feed-2'");
	}

	/** With its stack: it is not known to be in the log. */
	@Test
	@SuppressWarnings("serial")
	void aLineWhoseStackCouldNotBeReadIsNotSaidToHaveIt() {
		AtomicBoolean readable = new AtomicBoolean();
		for (int i = 1; i <= 3; i++) {
			readable.set(false);
			Exception error = new Exception("boom") {
				@Override
				public StackTraceElement[] getStackTrace() {
					if (readable.get()) {
						return boom().getStackTrace();
					}
					throw new LinkageError("no stack");
				}
			};
			Failure failure = failure(error);
			readable.set(i > 1);
			this.log.crashed(report("feed-" + i, error, false), failure);
		}
		assertThat(stacks()).containsExactly(false, true, false);
		assertThat(end(2)).contains("'feed-2'");
	}

	@Test
	void anAddedAndARemovedEndpointHaveALineEachAndTheNextOfThatIdCountsAnew() {
		this.log.added(snapshot(EndpointState.REGISTERED, 0));
		crash(boom(), false);
		crash(boom(), false);
		this.log.removed(snapshot(EndpointState.STOPPED, 0));
		assertThat(this.log.remembered()).isZero();
		crash(boom(), false);
		assertThat(this.lines.list.get(0).getFormattedMessage()).isEqualTo("tcp: added");
		assertThat(this.lines.list.get(3).getFormattedMessage()).isEqualTo("tcp: removed");
		assertThat(fields(this.lines.list.get(3)))
			.isEqualTo(Map.of("broker.endpoint", "tcp", "broker.incarnation", 1L));
		assertThat(end(4)).isEqualTo(" (stack: see endpoint 'tcp', " + EPOCH_HERE + "; 2 more since)");
	}

	@Test
	void ofManyKindsTheLogRemembersTheLatest() {
		for (int i = 0; i <= LoggedStacks.CAPACITY; i++) {
			crash("first-" + i, boomAt(i));
		}
		for (int i = LoggedStacks.CAPACITY; i >= 0; i--) {
			crash("second-" + i, boomAt(i));
		}
		assertThat(stacks().subList(0, LoggedStacks.CAPACITY + 1)).containsOnly(true);
		assertThat(stacks().subList(LoggedStacks.CAPACITY + 1, 2 * LoggedStacks.CAPACITY + 1)).containsOnly(false);
		assertThat(stacks()).endsWith(true);
	}

	private static Exception boomAt(int line) {
		Exception boom = new Exception("boom");
		boom.setStackTrace(new StackTraceElement[] { new StackTraceElement("Tcp", "read", "Tcp.java", line) });
		return boom;
	}

	@Test
	@SuppressWarnings("serial")
	void aCrashWhoseStackCannotBeReadIsLoggedAllTheSame() {
		crash(new Exception("boom") {
			@Override
			public StackTraceElement[] getStackTrace() {
				throw new LinkageError("no stack");
			}
		}, false);
		assertThat(this.lines.list).singleElement()
			.satisfies((line) -> assertThat(line.getFormattedMessage())
				.endsWith(" (its stack cannot be read: java.lang.LinkageError)"))
			.satisfies((line) -> assertThat(fields(line)).isEqualTo(CRASH_FIELDS));
	}

	/** For structured logs; the text says the same. */
	@Test
	void aCrashCarriesItsEndpointIncarnationPhaseAndDecisionAsFields() {
		crash(boom(), false);
		crash(boom(), false);
		crash(boom(), true);
		assertThat(this.lines.list).extracting(LogMonitorTests::fields)
			.containsExactly(CRASH_FIELDS, CRASH_FIELDS, Map.of("broker.endpoint", "tcp", "broker.incarnation", 7L,
					"broker.phase", "SERVE", "broker.decision", "error 3 of 3: drop"));
	}

	@Test
	void everyOtherLineAboutAnEndpointCarriesItsEndpointAndIncarnationAsFields() {
		this.log.changed(change(0));
		this.log.changed(change(1));
		this.log.changed(new EndpointChange(snapshot(EndpointState.CLOSING, 1), snapshot(EndpointState.CLOSING, 2)));
		this.log.changed(new EndpointChange(snapshot(EndpointState.CLOSING, 1), snapshot(EndpointState.CLOSING, 0)));
		this.log.excused("tcp", 1, Failure.timeout("too slow", List.of()));
		this.log.tooLate("tcp", 1, "restart", "its removal");
		this.log.note("tcp", 1, "close of incarnation 1 threw", boom());
		this.log.terminated(new Termination(List.of(new Termination.Stuck("tcp", 1, List.of()))));
		List<ILoggingEvent> about = new ArrayList<>(this.lines.list);
		ILoggingEvent last = about.remove(about.size() - 1);
		assertThat(about).hasSize(9)
			.allSatisfy((line) -> assertThat(line.getFormattedMessage()).startsWith("tcp: "))
			.allSatisfy((line) -> assertThat(fields(line)).as(line.getFormattedMessage())
				.isEqualTo(Map.of("broker.endpoint", "tcp", "broker.incarnation", 1L)));
		assertThat(last.getFormattedMessage()).isEqualTo("Broker terminated");
		assertThat(fields(last)).isEmpty();
	}

	/** SLF4J itself would print them in front of the id. */
	@Test
	void aBackendWithoutFieldsWritesTheTextOnly() {
		TextLogger text = new TextLogger();
		LogMonitor log = new LogMonitor(text, this.nanos::get);
		text.atInfo().addKeyValue("key", "value").log("text");
		log.changed(change(0));
		crash(log, boom(), false);
		log.note("tcp", 1, "close of incarnation 1 threw", null);
		assertThat(text.lines).containsExactly("key=value text", "tcp: CLOSING (incarnation 1)",
				"tcp: crashed in phase SERVE, incarnation 7: java.lang.Exception: boom; error 1 of 3: restart at once",
				"tcp: close of incarnation 1 threw");
	}

	private static Map<String, Object> fields(ILoggingEvent line) {
		Map<String, Object> fields = new LinkedHashMap<>();
		List<KeyValuePair> pairs = line.getKeyValuePairs();
		if (pairs != null) {
			pairs.forEach((pair) -> assertThat(fields.put(pair.key, pair.value)).as("twice " + pair.key).isNull());
		}
		return fields;
	}

	@Test
	void aMessageOfManyLinesTakesOne() {
		crash(new Exception("boom\nudp: SERVING"), false);
		assertThat(this.lines.list.get(0).getFormattedMessage()).contains("boom | udp: SERVING").doesNotContain("\n");
	}

	@Test
	void whatTheBrokerBeforeHadAbandonedIsNotSaidToBeAbandonedAgain() {
		this.log
			.changed(new EndpointChange(snapshot(EndpointState.REGISTERED, 0), snapshot(EndpointState.REGISTERED, 1)));
		assertThat(this.lines.list).extracting(ILoggingEvent::getFormattedMessage)
			.containsExactly("tcp: abandoned in the broker before, or in one that is served here, and still alive: 1");
	}

	@Test
	void aDropIsAnError() {
		crash(boom(), true);
		assertThat(this.lines.list).singleElement()
			.satisfies((line) -> assertThat(line.getLevel()).isEqualTo(Level.ERROR))
			.satisfies((line) -> assertThat(line.getFormattedMessage()).isEqualTo(
					"tcp: dropped in phase SERVE, incarnation 7: java.lang.Exception: boom; error 3 of 3: drop"));
	}

	@Test
	void theLogOfARealLifeNamesTheEndpointFirstInEveryLine() {
		Puppets puppets = new Puppets();
		Broker broker = Broker.create();
		// The log of a broker that another test has ended may not be written yet.
		broker.registerEndpointFactory("real-life", puppets);
		broker.listenAndServe();
		puppets.next().crash();
		Waiting.untilState(broker, "real-life", EndpointState.BACKOFF);
		broker.close();
		Waiting.until(() -> messagesAbout("real-life").contains("real-life: STOPPED (incarnation 1)"));
		assertThat(messagesAbout("real-life")).hasSize(6).allMatch((line) -> line.startsWith("real-life: "));
		assertThat(messagesAbout("real-life")).first().isEqualTo("real-life: STARTING (incarnation 1)");
		assertThat(List.copyOf(this.lines.list)).filteredOn((line) -> line.getFormattedMessage().contains("real-life"))
			.allSatisfy((line) -> assertThat(fields(line)).containsEntry("broker.endpoint", "real-life")
				.containsEntry("broker.incarnation", 1L));
	}

	@Test
	void anIncarnationThatIsWaitedForIsAnErrorThatSaysSo() {
		EndpointSnapshot closing = snapshot(EndpointState.CLOSING, 0);
		EndpointSnapshot waiting = new EndpointSnapshot("tcp", EndpointState.CLOSING, Instant.EPOCH, 1, 1, 0, 0, 0, 0,
				1, null, null, null, "incarnation 1 to end", 0);
		this.log.changed(new EndpointChange(closing, waiting));
		assertThat(this.lines.list).singleElement()
			.satisfies((line) -> assertThat(line.getLevel()).isEqualTo(Level.ERROR))
			.satisfies(
					(line) -> assertThat(line.getFormattedMessage()).isEqualTo("tcp: waits for incarnation 1 to end"));
	}

	private List<String> messagesAbout(String id) {
		return List.copyOf(this.lines.list)
			.stream()
			.map(ILoggingEvent::getFormattedMessage)
			.filter((line) -> line.contains(id))
			.toList();
	}

	private static EndpointChange change(int abandoned) {
		return new EndpointChange(snapshot(EndpointState.SERVING, 0), snapshot(EndpointState.CLOSING, abandoned));
	}

	private static EndpointSnapshot snapshot(EndpointState state, int abandoned) {
		return new EndpointSnapshot("tcp", state, Instant.EPOCH, 1, 1, 0, 0, 0, 0, abandoned, null, null, null);
	}

	private void tell(int times) {
		for (int i = 0; i < times; i++) {
			this.log.changed(change(0));
			crash(boom(), false);
		}
	}

	private boolean mayWantChanges() {
		return this.log.mayWantChange(false);
	}

	private boolean mayWantCrashes() {
		return this.log.mayWantCrash(false);
	}

	@Test
	void whatALevelHasNoUseForIsNotSentForAMoment() {
		this.logger.setLevel(Level.WARN);
		tell(LogMonitor.MUTE_AFTER_CALLS - 1);
		assertThat(mayWantChanges()).isTrue();
		tell(1);
		assertThat(mayWantChanges()).isFalse();
		assertThat(mayWantCrashes()).isTrue();
		this.logger.setLevel(Level.ERROR);
		tell(LogMonitor.MUTE_AFTER_CALLS);
		assertThat(mayWantCrashes()).isFalse();
		this.nanos.addAndGet(500_000_000);
		assertThat(mayWantChanges()).isTrue();
		assertThat(mayWantCrashes()).isTrue();
	}

	@Test
	void aLevelThatIsOnNowAndThenIsSentAll() {
		for (int i = 0; i < 10; i++) {
			this.logger.setLevel(Level.ERROR);
			tell(LogMonitor.MUTE_AFTER_CALLS - 1);
			this.logger.setLevel(Level.INFO);
			tell(1);
			assertThat(mayWantChanges()).isTrue();
			assertThat(mayWantCrashes()).isTrue();
		}
	}

	@Test
	void errorsAreAlwaysSent() {
		this.logger.setLevel(Level.ERROR);
		tell(LogMonitor.MUTE_AFTER_CALLS);
		assertThat(this.log.mayWantChange(true)).isTrue();
		assertThat(this.log.mayWantCrash(true)).isTrue();
	}

	@Test
	void aLogThatListensIsSentAll() {
		this.logger.setLevel(Level.INFO);
		tell(LogMonitor.MUTE_AFTER_CALLS);
		assertThat(mayWantChanges()).isTrue();
		assertThat(mayWantCrashes()).isTrue();
	}

	@Test
	void aCrashAfterOneThatWasNotLoggedComesWithItsStack() {
		crash(boom(), false);
		this.logger.setLevel(Level.ERROR);
		crash(new IllegalStateException("other"), false);
		this.logger.setLevel(Level.WARN);
		crash(boom(), false);
		assertThat(end(1)).isEqualTo(" (stack: see endpoint 'tcp', " + EPOCH_HERE + "; 1 more since)");
		this.logger.setLevel(Level.ERROR);
		crash(new IllegalStateException("other"), false);
		this.logger.setLevel(Level.WARN);
		this.nanos.addAndGet(MINUTE);
		crash(boom(), false);
		assertThat(stacks()).containsExactly(true, false, true);
	}

	@Test
	void dropsBetweenCrashesThatWereNotSentComeWithTheirStacksOrSayWhereTheyAre() {
		this.logger.setLevel(Level.ERROR);
		for (int i = 0; i < 2; i++) {
			tell(LogMonitor.MUTE_AFTER_CALLS);
			crash(boom(), true);
			crash(boom(), true);
			this.nanos.addAndGet(MINUTE);
		}
		assertThat(stacks()).containsExactly(true, false, true, false);
		assertThat(this.lines.list.get(1).getFormattedMessage())
			.endsWith(" (stack: see endpoint 'tcp', " + EPOCH_HERE + "; 1 more since)");
	}

	/**
	 * Writes lines as text, as the simplest backends do.
	 */
	private static final class TextLogger extends LegacyAbstractLogger {

		private static final long serialVersionUID = 1L;

		private final transient List<String> lines = new ArrayList<>();

		@Override
		protected String getFullyQualifiedCallerName() {
			return TextLogger.class.getName();
		}

		@Override
		protected void handleNormalizedLoggingCall(org.slf4j.event.Level level, Marker marker, String text,
				Object[] arguments, Throwable throwable) {
			this.lines.add(MessageFormatter.basicArrayFormat(text, arguments));
		}

		@Override
		public boolean isTraceEnabled() {
			return true;
		}

		@Override
		public boolean isDebugEnabled() {
			return true;
		}

		@Override
		public boolean isInfoEnabled() {
			return true;
		}

		@Override
		public boolean isWarnEnabled() {
			return true;
		}

		@Override
		public boolean isErrorEnabled() {
			return true;
		}

	}

}
