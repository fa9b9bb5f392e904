package dev.cider.broker;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.FilterReply;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A logging backend that throws or hangs in every call costs its lines and nothing else:
 * endpoints are supervised, other monitors are told, the broker ends (G9).
 */
class LoggingFromHellTests {

	private static final EndpointOptions AT_ONCE = TestOptions.restartAtOnce();

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final LoggerContext context = this.logger.getLoggerContext();

	private final ReadingAppender reader = new ReadingAppender();

	private final AtomicLong calls = new AtomicLong();

	private final CountDownLatch letGo = new CountDownLatch(1);

	private final Broker broker = Broker.create();

	private final Puppets puppets = new Puppets();

	private final Puppets neighbours = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	@BeforeEach
	void log() {
		this.logger.setLevel(Level.DEBUG);
		this.reader.start();
		this.logger.addAppender(this.reader);
	}

	@AfterEach
	void leave() {
		this.letGo.countDown();
		this.broker.close();
		// A monitor that throws at the end says so after the log's own end, and would say
		// so in the next test.
		Waiting.until(() -> threads("broker-monitor-").findAny().isEmpty());
		this.context.getTurboFilterList().removeIf(Bad.class::isInstance);
		this.logger.detachAppender("bad");
		this.logger.detachAppender(this.reader);
		this.logger.setLevel(null);
	}

	/** Does its worst before a line is even made. */
	private void filter(Runnable worst) {
		this.context.addTurboFilter(new Bad(() -> {
			this.calls.incrementAndGet();
			worst.run();
		}));
	}

	/** Does its worst when a line is to be written. */
	private void append(Runnable worst) {
		Appender<ILoggingEvent> bad = new AppenderBase<>() {
			@Override
			public synchronized void doAppend(ILoggingEvent event) {
				append(event);
			}

			@Override
			protected void append(ILoggingEvent event) {
				LoggingFromHellTests.this.calls.incrementAndGet();
				worst.run();
			}
		};
		bad.setName("bad");
		bad.start();
		this.logger.addAppender(bad);
	}

	/** A life with all that is ever logged: changes, crashes, drops, notes, the end. */
	private void liveAndEnd() throws InterruptedException {
		this.broker.monitor((report) -> {
			throw new IllegalStateException("the log is told of this too");
		});
		this.broker.registerEndpointFactory("tcp", this.puppets, AT_ONCE);
		this.broker.registerEndpointFactory("udp", this.neighbours,
				TestOptions.with(RestartPolicy.builder().mode(RestartMode.NEVER)));
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		for (int i = 0; i < 3; i++) {
			Exception error = new Exception("boom");
			this.puppets.next().crash(error);
			assertThat(this.monitor.nextCrash().error()).isSameAs(error);
		}
		this.puppets.next();
		this.neighbours.next().crash();
		assertThat(this.monitor.nextCrash().dropped()).isTrue();
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		Waiting.on(this.monitor.terminated);
		assertThat(this.monitor.statesOf("tcp")).hasSize(13).last().isEqualTo(EndpointState.STOPPED);
		// Waits for the log, but not for ever.
		this.broker.close();
	}

	private static Stream<Thread> logThreads() {
		return threads("broker-monitor-1");
	}

	private static Stream<Thread> threads(String prefix) {
		return Thread.getAllStackTraces().keySet().stream().filter((each) -> each.getName().startsWith(prefix));
	}

	@ParameterizedTest
	@EnumSource
	void aFilterThatThrowsInEveryCall(Hell hell) throws Exception {
		Throwable error = hell.make();
		filter(() -> {
			throw Hell.<Error>sneak(error);
		});
		liveAndEnd();
		Waiting.until(() -> logThreads().findAny().isEmpty());
		assertThat(this.calls.get()).isGreaterThan(20);
		assertThat(this.reader.lines).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void anAppenderThatThrowsInEveryCall(Hell hell) throws Exception {
		Throwable error = hell.make();
		append(() -> {
			throw Hell.<Error>sneak(error);
		});
		liveAndEnd();
		Waiting.until(() -> logThreads().findAny().isEmpty());
		assertThat(this.calls.get()).isGreaterThan(20);
	}

	@Test
	void aFilterThatHangs() throws Exception {
		filter(() -> Waiting.onDeaf(this.letGo));
		liveAndEnd();
		// A filter is asked by all loggers of this JVM, not only by the one that hangs
		// here.
		assertThat(this.calls.get()).isPositive();
		this.letGo.countDown();
		Waiting.until(() -> this.reader.lines.contains("Broker terminated"));
	}

	@Test
	void anAppenderThatHangs() throws Exception {
		append(() -> Waiting.onDeaf(this.letGo));
		liveAndEnd();
		assertThat(this.calls.get()).isEqualTo(1);
		this.letGo.countDown();
		Waiting.until(() -> this.reader.lines.contains("Broker terminated"));
	}

	@Test
	void aLogThatHasComeToItsSensesIsWrittenAgain() throws Exception {
		filter(() -> {
			if (this.calls.get() < 10) {
				throw new LinkageError("not yet");
			}
		});
		liveAndEnd();
		Waiting.until(() -> this.reader.lines.contains("Broker terminated"));
		assertThat(List.copyOf(this.reader.lines)).filteredOn((line) -> line.startsWith("udp: dropped in phase SERVE"))
			.hasSize(1);
	}

	private static final class Bad extends TurboFilter {

		private final Runnable worst;

		Bad(Runnable worst) {
			this.worst = worst;
		}

		@Override
		public FilterReply decide(Marker marker, Logger logger, Level level, String format, Object[] params,
				Throwable thrown) {
			if (logger.getName().equals(Broker.class.getName())) {
				this.worst.run();
			}
			return FilterReply.NEUTRAL;
		}

	}

}
