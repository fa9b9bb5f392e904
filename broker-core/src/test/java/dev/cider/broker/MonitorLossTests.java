package dev.cider.broker;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.read.ListAppender;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * That losses of a monitor, and of the log, are seen and harm nobody else: G13.
 */
class MonitorLossTests {

	private static final Failure BOOM = Failure.of(new IllegalStateException("boom"), (any) -> false, (broken) -> {
	});

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	private final CountDownLatch hung = new CountDownLatch(1);

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final RecordingMonitor slow = new RecordingMonitor() {
		@Override
		public void crashed(EndpointCrashReport report) {
			this.crashes.add(report);
		}

		@Override
		public void changed(EndpointChange change) {
			MonitorLossTests.this.hung.countDown();
			Waiting.onDeaf(MonitorLossTests.this.goOn);
		}
	};

	@BeforeEach
	void listen() {
		this.logger.setLevel(Level.WARN);
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	@AfterEach
	void leave() {
		this.goOn.countDown();
		this.logger.detachAndStopAllAppenders();
		this.logger.setLevel(null);
	}

	private List<String> said(String what) {
		return List.copyOf(this.lines.list)
			.stream()
			.map(ILoggingEvent::getFormattedMessage)
			.filter((line) -> line.contains(what))
			.toList();
	}

	private static EndpointSnapshot snapshot() {
		return EndpointSnapshot.registered("tcp", Instant.EPOCH, 0);
	}

	private static Monitors started(BrokerMonitor... added) {
		Monitors monitors = new Monitors();
		for (BrokerMonitor monitor : added) {
			monitors.add(monitor);
		}
		monitors.start(new Threads(null));
		return monitors;
	}

	private static void end(Monitors monitors) {
		monitors.tellTermination(new Termination(List.of()));
	}

	@Test
	void g13ChangesAndCrashesOfASlowMonitorAreCountedApartAndDropsAndTheEndGoBeyond() {
		Monitors monitors = started(this.slow);
		monitors.tellChange(false, MonitorLossTests::snapshot, MonitorLossTests::snapshot);
		Waiting.on(this.hung);
		for (int i = 0; i < NotificationQueue.BOUND + 5; i++) {
			monitors.tellCrash(false, () -> NotificationQueueTests.report("tcp", false), BOOM);
		}
		assertThat(monitors.lost(this.slow)).isEqualTo(5);
		EndpointCrashReport dropped = NotificationQueueTests.report("tcp", true);
		monitors.tellCrash(true, () -> NotificationQueueTests.report("tcp", true), BOOM);
		monitors.tellCrash(true, () -> dropped, BOOM);
		assertThat(monitors.lost(this.slow)).isEqualTo(6);
		end(monitors);
		this.goOn.countDown();
		Waiting.on(this.slow.terminated);
		assertThat(this.slow.crashes).hasSize(NotificationQueue.BOUND + 1);
		assertThat(this.slow.crashes).last().isSameAs(dropped);
		assertThat(monitors.lost(this.slow)).isEqualTo(6);
	}

	@Test
	void g13TheLogSaysWhenAMonitorBeginsToLoseAndHowMuchItHasLostEvenAfterItsOwnEnd() throws Exception {
		RecordingMonitor quick = new RecordingMonitor();
		Monitors monitors = started(quick, this.slow);
		monitors.tellChange(false, MonitorLossTests::snapshot, MonitorLossTests::snapshot);
		Waiting.on(this.hung);
		for (int i = 0; i < 10; i++) {
			monitors.tellCrash(true, () -> NotificationQueueTests.report("tcp", true), BOOM);
			Waiting.next(quick.crashes);
		}
		Waiting.until(() -> said("Monitor").size() == 1);
		String culprit = "Monitor " + this.slow.getClass().getName() + " on broker-monitor-3";
		assertThat(said("Monitor"))
			.containsExactly(culprit + " does not keep up; from now on it is not told everything");
		end(monitors);
		monitors.awaitLog();
		this.goOn.countDown();
		Waiting.on(this.slow.terminated);
		assertThat(said("Monitor")).hasSize(2)
			.last()
			.isEqualTo(culprit + " has room in its mailbox again; it was not told of 9 events");
		assertThat(monitors.lost(quick)).isZero();
	}

	@Test
	void g13WhatAMonitorThrowsAtTheVeryEndIsLoggedAllTheSame() {
		CountDownLatch logEnded = new CountDownLatch(1);
		Monitors monitors = started(new RecordingMonitor() {
			@Override
			public void terminated(Termination termination) {
				Waiting.on(logEnded);
				throw new LinkageError("broken at the end");
			}
		});
		end(monitors);
		Waiting.until(() -> {
			try {
				monitors.awaitLog();
				return true;
			}
			catch (InterruptedException interrupted) {
				throw new AssertionError(interrupted);
			}
		});
		logEnded.countDown();
		Waiting.until(() -> said("threw; it will be told of what comes next").size() == 1);
	}

	@Test
	void g13AMonitorThatThrowsEachTimeLogsOneStackAndThenTheCount() {
		Monitors monitors = started(new RecordingMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
				throw new IllegalStateException("broken monitor");
			}
		});
		for (int i = 0; i < 3; i++) {
			monitors.tellCrash(false, () -> NotificationQueueTests.report("tcp", false), BOOM);
		}
		Waiting.until(() -> said("threw").size() == 3);
		assertThat(said("threw").get(0)).endsWith(" threw; it will be told of what comes next");
		assertThat(said("threw").get(2)).endsWith(" threw java.lang.IllegalStateException (2 times since its stack was"
				+ " logged); it will be told of what comes next");
		assertThat(List.copyOf(this.lines.list)).filteredOn((line) -> line.getFormattedMessage().contains("threw"))
			.filteredOn((line) -> line.getThrowableProxy() != null)
			.hasSize(1);
		end(monitors);
	}

	@Test
	void g13TheLogIsBoundedTooAndSaysWhatItLacks() {
		AppenderBase<ILoggingEvent> stuck = new AppenderBase<>() {
			@Override
			protected void append(ILoggingEvent line) {
				MonitorLossTests.this.hung.countDown();
				Waiting.onDeaf(MonitorLossTests.this.goOn);
			}
		};
		stuck.start();
		this.logger.addAppender(stuck);
		Monitors monitors = started();
		monitors.note("the first", null);
		Waiting.on(this.hung);
		for (int i = 0; i < NotificationQueue.BOUND + 7; i++) {
			monitors.note("another", null);
			monitors.tellChange(false, MonitorLossTests::snapshot, MonitorLossTests::snapshot);
		}
		monitors.note("the last", null);
		this.goOn.countDown();
		end(monitors);
		Waiting.until(() -> said("The log has").size() == 1);
		// The note that says so is lost as well: there is no room for it.
		assertThat(said("The log has")).containsExactly("The log has room in its mailbox again; 16 lines are missing");
	}

	@Test
	void g13LossesOfAMonitorCanBeReadAtAnyTimeAndTheOthersLoseNothing() {
		RecordingMonitor quick = new RecordingMonitor();
		try (Broker broker = Broker.create()) {
			broker.registerEndpointFactory("tcp", () -> {
				throw new IllegalStateException("boom");
			}, TestOptions.with(RestartPolicy.builder().mode(RestartMode.NEVER)));
			broker.registerEndpointFactory("keeper", new Puppets());
			broker.monitor(this.slow);
			broker.monitor(quick);
			assertThat(broker.lost(this.slow)).isZero();
			broker.listenAndServe();
			Waiting.on(this.hung);
			for (long drops = 1; drops <= 4; drops++) {
				quick.nextCrash();
				Waiting.untilState(broker, "tcp", EndpointState.DROPPED);
				broker.start("tcp");
			}
			quick.nextCrash();
			assertThat(broker.lost(this.slow)).isEqualTo(4);
			assertThat(broker.lost(quick)).isZero();
			this.goOn.countDown();
			EndpointCrashReport told = this.slow.nextCrash();
			assertThat(told.incarnation()).isEqualTo(5);
		}
		assertThat(this.slow.crashes).isEmpty();
	}

	@Test
	void theLossesOfAStrangerAreNotZeroButUnknown() {
		try (Broker broker = Broker.create()) {
			assertThatIllegalArgumentException().isThrownBy(() -> broker.lost(this.slow))
				.withMessageEndingWith("not one of this broker");
		}
	}

}
