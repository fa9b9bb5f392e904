package dev.cider.broker;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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

	private Puppet.Deaf first;

	@BeforeEach
	void keepTheFirstBeyondItsCloseTimeout() {
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
					+ " and is not replaced while it lives; a stop or a restart gives it up");
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
