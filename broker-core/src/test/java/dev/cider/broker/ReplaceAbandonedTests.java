package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * G4 without its exception: with {@code replaceAbandoned} off, an incarnation that does
 * not end in time is not replaced while it lives.
 */
class ReplaceAbandonedTests {

	private static final EndpointOptions OPTIONS = TestOptions.restartAtOnce()
		.toBuilder()
		.closeTimeout(Duration.ofSeconds(5))
		.replaceAbandoned(false)
		.build();

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder().keepServing(true));

	private final Puppets puppets = new Puppets(Puppet.Deaf::new);

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final Queue<String> lines = new ConcurrentLinkedQueue<>();

	private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
		@Override
		protected void append(ILoggingEvent event) {
			ReplaceAbandonedTests.this.lines.add(event.getFormattedMessage());
		}
	};

	private Puppet.Deaf first;

	@AfterEach
	void leaveTheLog() {
		logger().detachAppender(this.log);
		logger().setLevel(null);
	}

	private static Logger logger() {
		return (Logger) LoggerFactory.getLogger(Broker.class);
	}

	@BeforeEach
	void keepTheFirstBeyondItsCloseTimeout() {
		this.log.start();
		logger().setLevel(Level.WARN);
		logger().addAppender(this.log);
		this.broker.registerEndpointFactory("tcp", this.puppets, OPTIONS);
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		this.first = (Puppet.Deaf) this.puppets.next();
		this.first.awaitServing();
		this.broker.restart("tcp");
		Waiting.on(this.first.closed);
		this.time.pass(Duration.ofSeconds(5));
		this.time.pass(Duration.ofSeconds(1));
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == 1);
	}

	@AfterEach
	void letAllGo() {
		// First the end: otherwise another deaf one could be launched meanwhile.
		this.broker.terminate();
		this.puppets.all.forEach((puppet) -> ((Puppet.Deaf) puppet).letGo());
		this.broker.close();
	}

	@Test
	void g4TheEndpointStaysClosingAndSaysWhatItWaitsFor() {
		this.time.pass(Duration.ofDays(1));
		EndpointSnapshot shown = this.broker.endpoint("tcp");
		assertThat(shown.state()).isEqualTo(EndpointState.CLOSING);
		assertThat(shown.incarnation()).isEqualTo(1);
		assertThat(shown.waitingFor())
			.isEqualTo("incarnation 1 to end, which has not ended within the close timeout PT5S"
					+ " and is not replaced while it lives; a stop or a restart from now on gives it up");
		assertThat(this.puppets.all).hasSize(1);
		assertThat(this.time.pending()).isZero();
	}

	@Test
	void g4WhenItEndsAtLastTheNextOneIsLaunched() {
		this.first.letGo();
		this.puppets.next().awaitServing();
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		EndpointSnapshot shown = this.broker.endpoint("tcp");
		assertThat(shown.incarnation()).isEqualTo(2);
		assertThat(shown.abandoned()).isZero();
		assertThat(shown.waitingFor()).isNull();
		assertThat(this.first.closes).hasValue(1);
	}

	@Test
	void aRestartByAnOperatorGivesItUp() {
		this.broker.restart("tcp");
		this.puppets.next().awaitServing();
		assertThat(this.broker.endpoint("tcp").abandoned()).isEqualTo(1);
		this.first.letGo();
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == 0);
	}

	@Test
	void aStopByAnOperatorGivesItUp() {
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").abandoned()).isEqualTo(1);
		assertThat(this.puppets.all).hasSize(1);
	}

	/** It would wait for an end that may never come, and nobody would see it. */
	@Test
	void g17AStartIsRefusedWithWhatToDo() {
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		this.broker.start("tcp");
		Puppet.Deaf second = (Puppet.Deaf) this.puppets.next();
		second.awaitServing();
		this.broker.stop("tcp");
		Waiting.on(second.closed);
		this.time.pass(Duration.ofSeconds(5));
		this.time.pass(Duration.ofSeconds(1));
		Waiting.until(() -> this.broker.endpoint("tcp").waitingFor() != null);
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.start("tcp"))
			.withMessage("start of endpoint 'tcp' needs the state REGISTERED, STOPPED, FINISHED or DROPPED"
					+ " (a stop or a restart gives up what is overdue), but the state is CLOSING");
	}

	@Test
	void g10TheLogSaysOnceWhereItsThreadIs() {
		Waiting.until(() -> stacks().size() == 1);
		this.time.pass(Duration.ofDays(1));
		this.broker.restart("tcp");
		((Puppet.Deaf) this.puppets.next()).awaitServing();
		assertThat(stacks()).singleElement()
			.asString()
			.startsWith("tcp: waits for incarnation 1 to end, whose thread is at [")
			.contains("Puppet$Deaf.");
	}

	@Test
	void g10TheLogSaysWhatWouldHaveEndedIt() {
		Waiting.until(() -> stacks().size() == 1);
		assertThat(stacks()).singleElement()
			.asString()
			.endsWith("]; neither its close nor an interrupt has ended it: write a close that ends this call, as in"
					+ " Endpoint.of(serve, close), or, if the call is on a java.net socket, let the endpoint run on a"
					+ " virtual thread (Java 21)");
	}

	private List<String> stacks() {
		return this.lines.stream().filter((line) -> line.contains("whose thread is at")).toList();
	}

	@Test
	void g10TheEndOfTheBrokerDoesNotWaitForIt() throws Exception {
		this.broker.terminate();
		List<Termination.Stuck> stuck = this.broker.terminated().get().stuck();
		assertThat(stuck).extracting(Termination.Stuck::id).containsExactly("tcp");
	}

	@Test
	void g13AMonitorIsToldThatItIsCounted() {
		Waiting.until(() -> this.monitor.told.stream()
			.anyMatch((event) -> event instanceof EndpointChange change && change.to().waitingFor() != null
					&& change.to().state() == EndpointState.CLOSING && change.to().abandoned() == 1));
	}

}
