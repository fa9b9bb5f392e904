package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the log says (G22).
 */
class LogMonitorTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);

	private final LogMonitor log = new LogMonitor(this.nanos::get);

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
		Failure failure = Failure.of(error, (any) -> false, (broken) -> {
		});
		RestartDecision decision = dropped ? new RestartDecision.Drop(null, 3, "error 3 of 3: drop")
				: new RestartDecision.Restart(Duration.ZERO, 1, "error 1 of 3: restart at once");
		this.log.crashed(new EndpointCrashReport("tcp", dropped, error, 7, CrashPhase.SERVE, Instant.EPOCH,
				Duration.ZERO, 1, decision), failure);
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
		crash(boom(), false);
		assertThat(this.lines.list).extracting((line) -> line.getThrowableProxy() != null)
			.containsExactly(true, false, true, true);
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
				.endsWith(" (its stack cannot be read: java.lang.LinkageError)"));
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
		assertThat(this.lines.list).extracting((line) -> line.getThrowableProxy() != null).containsExactly(true, true);
	}

	@Test
	void dropsBetweenCrashesThatWereNotSentComeWithTheirStacks() {
		this.logger.setLevel(Level.ERROR);
		tell(LogMonitor.MUTE_AFTER_CALLS);
		crash(boom(), true);
		crash(boom(), true);
		assertThat(this.lines.list).extracting((line) -> line.getThrowableProxy() != null).containsExactly(true, true);
	}

}
