package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * G5: from when the end of the broker is announced, how an incarnation exits is no crash,
 * and nothing is launched.
 */
class AnnouncedTerminationTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	private final Leftovers leftovers = new Leftovers();

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder().keepServing(true));

	private final Puppets puppets = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	@BeforeEach
	void listen() {
		this.logger.setLevel(Level.INFO);
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	@AfterEach
	void stopAll() {
		this.broker.close();
		this.logger.detachAppender(this.lines);
		this.logger.setLevel(null);
	}

	private Puppet serve(RestartPolicy policy) {
		this.broker.registerEndpointFactory("tcp", this.puppets,
				EndpointOptions.builder().restartPolicy(policy).build());
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		return this.puppets.next();
	}

	private Puppet serve() {
		return serve(TestOptions.atOnce().build());
	}

	private void awaitState(EndpointState state) {
		Waiting.untilState(this.broker, "tcp", state);
	}

	@Test
	void whatServesGoesOnServing() throws Exception {
		Puppet puppet = serve();
		this.broker.announceTermination();
		this.broker.announceTermination();
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
		assertThat(puppet.closes).hasValue(0);
		this.broker.close();
		assertThat(puppet.closes).hasValue(1);
		assertThat(this.broker.await().stuck()).isEmpty();
	}

	@Test
	void g5WhatItThrowsIsNoCrashAndIsInTheLog() {
		Puppet puppet = serve();
		this.broker.announceTermination();
		puppet.crash(new IllegalStateException("executor has been shut down\nreally"));
		awaitState(EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
		this.broker.close();
		Waiting.on(this.monitor.terminated);
		assertThat(this.monitor.crashes).isEmpty();
		assertThat(this.puppets.all).hasSize(1);
		EndpointSnapshot last = this.broker.endpoint("tcp");
		assertThat(last.crashes() + last.drops() + last.consecutiveErrors()).isZero();
		assertThat(this.broker.history("tcp")).isEmpty();
		assertThat(this.lines.list).extracting(ILoggingEvent::getFormattedMessage)
			.contains("tcp: incarnation 1 ended while the application shuts down, which is no crash: "
					+ "java.lang.IllegalStateException: executor has been shut down | really");
	}

	@Test
	void g5ADropIsNoneEither() {
		Puppet puppet = serve(RestartPolicy.builder().mode(RestartMode.NEVER).build());
		this.broker.announceTermination();
		puppet.crash();
		awaitState(EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").drops()).isZero();
	}

	@Test
	void whatReturnsHasFinishedAndIsNotLaunchedAgain() {
		Puppet puppet = serve(RestartPolicy.builder().mode(RestartMode.ALWAYS).backoff(Backoff.none()).build());
		this.broker.announceTermination();
		puppet.finish();
		awaitState(EndpointState.STOPPED);
		assertThat(this.puppets.all).hasSize(1);
	}

	@Test
	void aBackoffEndsAtOnceWithoutALaunch() {
		serve(RestartPolicy.builder().build()).crash();
		awaitState(EndpointState.BACKOFF);
		this.broker.announceTermination();
		awaitState(EndpointState.STOPPED);
		this.time.pass(Duration.ofMinutes(1));
		assertThat(this.puppets.all).hasSize(1);
	}

	@Test
	void operationsThatLaunchAreRefusedAndAStopIsNot() {
		Puppet puppet = serve();
		this.broker.announceTermination();
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.restart("tcp"));
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.start("tcp"));
		this.broker.stop("tcp");
		awaitState(EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
	}

	/** Its caller has passed the broker's check, and comes to the endpoint too late. */
	@Test
	void g8ARequestThatTheAnnouncementOvertakesIsInTheLogAndLaunchesNothing() {
		serve();
		EndpointSupervisor tcp = new Insides(this.broker).registry().find("tcp");
		this.broker.announceTermination();
		tcp.request(new Signal.Restart());
		tcp.request(new Signal.Stop());
		awaitState(EndpointState.STOPPED);
		tcp.request(new Signal.Start());
		this.broker.close();
		assertThat(this.puppets.all).hasSize(1);
		assertThat(this.lines.list).filteredOn((line) -> line.getFormattedMessage().contains("overtaken"))
			.allSatisfy((line) -> assertThat(line.getLevel()).isEqualTo(Level.INFO))
			.extracting(ILoggingEvent::getFormattedMessage)
			.containsExactly("tcp: a restart was overtaken by the end of the broker, and launches nothing",
					"tcp: a start was overtaken by the end of the broker, and launches nothing");
	}

	@Test
	void theNextBrokerStartsWhatFailedMeanwhile() {
		Puppet puppet = serve();
		this.broker.announceTermination();
		puppet.crash();
		awaitState(EndpointState.STOPPED);
		this.broker.close();
		try (Broker next = Broker.builder().continuing(this.broker).build()) {
			next.registerEndpointFactory("tcp", this.puppets);
			next.listenAndServe();
			this.puppets.next();
			assertThat(next.endpoint("tcp").incarnation()).isEqualTo(2);
		}
	}

	@Test
	void aBrokerThatDoesNotServeHasNothingToAnnounce() {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.broker::announceTermination);
	}

	@Test
	void g5WhatIsServedInAnInnerBrokerIsExcusedToo() {
		List<Broker> inner = new CopyOnWriteArrayList<>();
		RestartPolicy never = RestartPolicy.builder().mode(RestartMode.NEVER).build();
		this.broker.registerEndpointFactory("group", () -> {
			Broker group = Broker.create();
			group.registerEndpointFactory("member", this.puppets,
					EndpointOptions.builder().restartPolicy(never).build());
			inner.add(group);
			return group.asEndpoint();
		});
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		Puppet member = this.puppets.next();
		this.broker.announceTermination();
		Waiting.until(() -> isAnnounced(inner.get(0)));
		member.crash();
		Waiting.untilState(inner.get(0), "member", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("group").state()).isEqualTo(EndpointState.SERVING);
		this.broker.close();
		Waiting.on(this.monitor.terminated);
		assertThat(this.monitor.crashes).isEmpty();
		assertThat(inner.get(0).endpoint("member").crashes()).isZero();
	}

	/**
	 * Whether the inner broker knows, and the thread that told its endpoints has gone.
	 */
	private boolean isAnnounced(Broker group) {
		try {
			group.start("member");
		}
		catch (InvalidStateException itServes) {
			return false;
		}
		catch (EndpointTerminatedException announced) {
			return this.leftovers.threads().stream().noneMatch((name) -> name.startsWith("broker-hand-"));
		}
		throw new AssertionError("a member that serves cannot be started");
	}

}
