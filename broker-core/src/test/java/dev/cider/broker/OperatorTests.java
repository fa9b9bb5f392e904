package dev.cider.broker;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What start, stop and restart do in every state (G17).
 */
class OperatorTests {

	private static final EndpointOptions AT_ONCE = TestOptions.restartAtOnceUntilDropped();

	private static final EndpointOptions LATER = EndpointOptions.builder().autoStart(false).build();

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder().keepServing(true));

	private final Puppets puppets = new Puppets();

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	private Puppet serve(EndpointOptions options) {
		this.broker.registerEndpointFactory("tcp", this.puppets, options);
		this.broker.listenAndServe();
		return this.puppets.next();
	}

	private void await(EndpointState state) {
		Waiting.untilState(this.broker, "tcp", state);
	}

	private EndpointSnapshot tcp() {
		return this.broker.endpoint("tcp");
	}

	@Test
	void withoutAutoStartAnEndpointWaitsForItsStart() {
		this.broker.registerEndpointFactory("tcp", this.puppets, LATER);
		this.broker.listenAndServe();
		assertThat(tcp().state()).isEqualTo(EndpointState.REGISTERED);
		assertThat(tcp().incarnation()).isZero();
		this.broker.start("tcp");
		this.puppets.next();
		assertThat(tcp().starts()).isEqualTo(1);
		assertThat(tcp().restarts()).isZero();
	}

	@Test
	void aStopEndsABackoffAtOnce() {
		serve(EndpointOptions.defaults()).crash();
		await(EndpointState.BACKOFF);
		this.broker.stop("tcp");
		await(EndpointState.STOPPED);
		assertThat(tcp().nextStart()).isNull();
		this.time.pass(Duration.ofHours(1));
		assertThat(tcp().state()).isEqualTo(EndpointState.STOPPED);
		assertThat(this.puppets.all).hasSize(1);
	}

	@Test
	void aRestartEndsABackoffAtOnceAndCostsNoError() {
		serve(EndpointOptions.defaults()).crash();
		await(EndpointState.BACKOFF);
		assertThat(tcp().consecutiveErrors()).isEqualTo(1);
		this.broker.restart("tcp");
		this.puppets.next();
		assertThat(tcp().consecutiveErrors()).isEqualTo(1);
		assertThat(tcp().restarts()).isEqualTo(1);
	}

	@Test
	void aRestartReplacesWhatServes() {
		Puppet first = serve(EndpointOptions.defaults());
		this.broker.restart("tcp");
		Puppet second = this.puppets.next();
		assertThat(first.closes).hasValue(1);
		assertThat(second).isNotSameAs(first);
		assertThat(tcp().restarts()).isEqualTo(1);
		assertThat(tcp().crashes()).isZero();
	}

	@Test
	void aStartOfWhatServesIsRefusedAndNamesTheState() {
		serve(EndpointOptions.defaults());
		await(EndpointState.SERVING);
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.start("tcp"))
			.withMessage("start of endpoint 'tcp' needs the state REGISTERED, STOPPED, FINISHED, DROPPED or CLOSING"
					+ " toward STOPPED, but the state is SERVING")
			.satisfies((thrown) -> assertThat(thrown.current()).isEqualTo("SERVING"));
	}

	@Test
	void aStartAfterADropBeginsWithACleanCount() {
		Puppet puppet = serve(AT_ONCE);
		for (int i = 0; i < 2; i++) {
			puppet.crash();
			puppet = this.puppets.next();
		}
		puppet.crash();
		await(EndpointState.DROPPED);
		this.broker.start("tcp");
		this.puppets.next();
		await(EndpointState.SERVING);
		assertThat(tcp().consecutiveErrors()).isZero();
		assertThat(tcp().drops()).isEqualTo(1);
		assertThat(tcp().restarts()).isEqualTo(2);
		assertThat(tcp().starts()).isEqualTo(4);
	}

	@Test
	void aRestartOfWhatHasEndedIsAStart() {
		serve(EndpointOptions.defaults()).finish();
		await(EndpointState.FINISHED);
		this.broker.restart("tcp");
		this.puppets.next();
		assertThat(tcp().restarts()).isZero();
		assertThat(tcp().starts()).isEqualTo(2);
	}

	@Test
	void aStopOfWhatHasEndedLeavesItStopped() {
		serve(EndpointOptions.defaults()).finish();
		await(EndpointState.FINISHED);
		this.broker.stop("tcp");
		await(EndpointState.STOPPED);
	}

	@Test
	void aStartWhileClosingTowardStoppedServesAgainAfterTheClose() {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		this.broker.registerEndpointFactory("deaf", deaf);
		this.broker.listenAndServe();
		Puppet.Deaf first = (Puppet.Deaf) deaf.next();
		this.broker.stop("deaf");
		assertThat(this.broker.endpoint("deaf").state()).isEqualTo(EndpointState.CLOSING);
		this.broker.start("deaf");
		Waiting.until(() -> isRefused(() -> this.broker.start("deaf")));
		assertThat(deaf.all).hasSize(1);
		first.letGo();
		((Puppet.Deaf) deaf.next()).letGo();
	}

	/** The draining thread gets no processor meanwhile, so both requests wait. */
	@Test
	void g17AStartBehindAStopThatWaitsIsJudgedAfterIt() throws InterruptedException {
		StallingTime stalling = new StallingTime();
		try (Broker busy = Broker.builder().keepServing(true).time(stalling).build()) {
			busy.registerEndpointFactory("tcp", this.puppets);
			busy.listenAndServe();
			this.puppets.next();
			Waiting.untilState(busy, "tcp", EndpointState.SERVING);
			Thread stalled = stalling.stall(() -> busy.restart("tcp"));
			try {
				busy.stop("tcp");
				busy.start("tcp");
			}
			finally {
				stalling.release();
				stalled.join();
			}
			this.puppets.next();
			Waiting.untilState(busy, "tcp", EndpointState.SERVING);
			assertThat(busy.endpoint("tcp").incarnation()).isEqualTo(2);
			assertThat(busy.endpoint("tcp").restarts()).as("the start is the last word").isZero();
			assertThat(isRefused(() -> busy.start("tcp"))).as("no stop waits any more").isTrue();
		}
	}

	private static boolean isRefused(Runnable request) {
		try {
			request.run();
			return false;
		}
		catch (InvalidStateException refused) {
			return true;
		}
	}

	@Test
	void aRestartWhileClosingCountsAsARestart() {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		this.broker.registerEndpointFactory("deaf", deaf);
		this.broker.listenAndServe();
		Puppet.Deaf first = (Puppet.Deaf) deaf.next();
		this.broker.stop("deaf");
		this.broker.restart("deaf");
		first.letGo();
		((Puppet.Deaf) deaf.next()).letGo();
		assertThat(this.broker.endpoint("deaf").restarts()).isEqualTo(1);
	}

	@Test
	void g8AStopThatComesBeforeTheStartOfItsEndpointIsNotOverrunByIt() {
		for (int i = 0; i < 300; i++) {
			Puppets own = new Puppets();
			Broker racing = Broker.builder().keepServing(true).build();
			racing.registerEndpointFactory("stops", () -> {
				racing.stop("stopped");
				return new Puppet();
			});
			racing.registerEndpointFactory("stopped", own);
			racing.listenAndServe();
			Waiting.untilState(racing, "stopped", EndpointState.STOPPED);
			racing.close();
			assertThat(own.all).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
		}
	}

	@Test
	void anUnknownIdIsNamed() {
		serve(EndpointOptions.defaults());
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.stop("udp"))
			.withMessage("Unknown endpoint 'udp': no factory is registered under this id")
			.satisfies((thrown) -> assertThat(thrown.id()).isEqualTo("udp"));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.endpoint("udp"));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.history("udp"));
	}

	@Test
	void operationsBeforeServingAreRefused() {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.start("tcp"))
			.withMessage("start of endpoint 'tcp' needs the state SERVING, but the state is INITIALISED");
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.stop("tcp"));
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.restart("tcp"));
	}

	@Test
	void operationsAfterTerminateAreRefused() {
		serve(EndpointOptions.defaults());
		this.broker.close();
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.start("tcp"))
			.withMessage("The broker of endpoint 'tcp' is terminating or has terminated");
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.stop("tcp"));
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.restart("tcp"));
	}

}
