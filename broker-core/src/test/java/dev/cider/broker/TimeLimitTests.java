package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;

import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Start timeout, heartbeat and revival: G5 and G18.
 */
class TimeLimitTests {

	private static final Duration LIMIT = Duration.ofSeconds(5);

	private static final RestartPolicy AT_ONCE = TestOptions.atOnce().build();

	private static final EndpointOptions START = EndpointOptions.builder()
		.restartPolicy(AT_ONCE)
		.startTimeout(LIMIT)
		.build();

	private static final EndpointOptions HEARTBEAT = EndpointOptions.builder()
		.restartPolicy(AT_ONCE)
		.heartbeatTimeout(LIMIT)
		.build();

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder());

	private final Puppets puppets = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final BlockingQueue<EndpointContext> contexts = new LinkedBlockingQueue<>();

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	private Puppet serve(EndpointOptions options) {
		this.broker.registerEndpointFactory("feed", (context) -> {
			this.contexts.add(context);
			return this.puppets.create();
		}, options);
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		Puppet puppet = this.puppets.next();
		// Whoever looks at its stack shall find it there.
		Waiting.until(() -> puppet.servedBy.getState() == Thread.State.WAITING);
		return puppet;
	}

	/** What fires is worked on by another thread, which arms the next timer. */
	private void passAndAwaitTheNextTimer(Duration duration) {
		this.time.pass(duration);
		Waiting.until(() -> this.time.pending() == 1);
	}

	private void await(EndpointState state) {
		Waiting.untilState(this.broker, "feed", state);
	}

	private EndpointSnapshot feed() {
		return this.broker.endpoint("feed");
	}

	@Test
	void withAStartTimeoutAnEndpointIsStartingUntilItIsReady() {
		Puppet puppet = serve(START);
		assertThat(feed().state()).isEqualTo(EndpointState.STARTING);
		this.time.pass(LIMIT.minusMillis(1));
		Waiting.next(this.contexts).ready();
		assertThat(feed().state()).isEqualTo(EndpointState.SERVING);
		this.time.pass(Duration.ofDays(1));
		assertThat(feed().state()).isEqualTo(EndpointState.SERVING);
		puppet.crash();
		assertThat(this.monitor.nextCrash().served()).isEqualTo(Duration.ofDays(1));
	}

	@Test
	void withoutAStartTimeoutNobodyWaitsForReady() {
		serve(HEARTBEAT);
		await(EndpointState.SERVING);
		Waiting.next(this.contexts).ready();
		assertThat(feed().state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void oneThatIsReadyWhileItIsMadeServesWhenItIsServed() {
		this.broker.registerEndpointFactory("feed", (context) -> {
			context.ready();
			return this.puppets.create();
		}, START);
		this.broker.listenAndServe();
		this.puppets.next();
		await(EndpointState.SERVING);
	}

	@Test
	void g5WhatIsNotReadyInTimeCrashesInPhaseStartWithItsLiveStackAndIsReplaced() {
		Puppet first = serve(START);
		this.time.fireWithin(LIMIT);
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.START);
		assertThat(report.served()).isZero();
		assertThat(report.error()).isInstanceOf(TimeoutException.class)
			.hasMessage("Incarnation 1 of endpoint 'feed': not ready within the start timeout PT5S");
		assertThat(report.error().getStackTrace()).extracting(StackTraceElement::getMethodName).contains("obey");
		this.puppets.next();
		assertThat(first.closes).hasValue(1);
	}

	@Test
	void g5AFactoryThatHangsIsInterruptedAtItsStartTimeoutAndReplaced() {
		CountDownLatch creating = new CountDownLatch(1);
		this.broker.registerEndpointFactory("feed", () -> {
			if (creating.getCount() > 0) {
				creating.countDown();
				new CountDownLatch(1).await();
			}
			return this.puppets.create();
		}, START);
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		Waiting.on(creating);
		this.time.fireWithin(LIMIT);
		assertThat(this.monitor.nextCrash().phase()).isEqualTo(CrashPhase.START);
		this.puppets.next();
		await(EndpointState.SERVING);
		assertThat(feed().incarnation()).isEqualTo(2);
		assertThat(feed().crashes()).isEqualTo(1);
	}

	@Test
	void g3WhatIsStoppedBeforeItIsReadyIsClosedOnce() {
		Puppet puppet = serve(START);
		this.broker.stop("feed");
		await(EndpointState.STOPPED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void aThrowBeforeReadyIsACrashOfWhatNeverServed() {
		Puppet puppet = serve(START);
		this.time.pass(Duration.ofSeconds(3));
		puppet.crash();
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.SERVE);
		assertThat(report.served()).isZero();
		assertThat(report.consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void g5AHeartbeatThatStaysAwayIsACrashInPhaseHangWithTheLiveStack() {
		serve(HEARTBEAT);
		EndpointContext context = Waiting.next(this.contexts);
		await(EndpointState.SERVING);
		passAndAwaitTheNextTimer(Duration.ZERO);
		for (int i = 0; i < 10; i++) {
			passAndAwaitTheNextTimer(LIMIT.minusMillis(1));
			context.heartbeat();
		}
		assertThat(feed().state()).isEqualTo(EndpointState.SERVING);
		assertThat(this.monitor.crashes).isEmpty();
		passAndAwaitTheNextTimer(LIMIT.minusMillis(1));
		assertThat(feed().state()).isEqualTo(EndpointState.SERVING);
		this.time.fireWithin(Duration.ofMillis(2));
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.HANG);
		assertThat(report.error()).isInstanceOf(TimeoutException.class)
			.hasMessage("Incarnation 1 of endpoint 'feed': no heartbeat within the heartbeat timeout PT5S");
		assertThat(report.error().getStackTrace()).extracting(StackTraceElement::getMethodName).contains("obey");
		this.puppets.next();
	}

	@Test
	void aHeartbeatTimeoutNeedsAContextualFactory() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.broker.registerEndpointFactory("feed", this.puppets, HEARTBEAT))
			.withMessage("Invalid heartbeatTimeout (PT5S) of endpoint 'feed': only the instances of a"
					+ " ContextualEndpointFactory have a heartbeat");
	}

	@Test
	void timeoutsMustBeLongerThanZero() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> EndpointOptions.builder().startTimeout(Duration.ZERO).build())
			.withMessage("Invalid startTimeout (PT0S): must be longer than zero");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> EndpointOptions.builder().heartbeatTimeout(Duration.ofSeconds(-1)).build());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RestartPolicy.builder().reviveAfter(Duration.ZERO).build())
			.withMessage("Invalid reviveAfter (PT0S): must be longer than zero");
	}

	private static EndpointOptions reviving(RestartPolicy.Builder policy) {
		return EndpointOptions.builder().restartPolicy(policy.reviveAfter(Duration.ofMinutes(1)).build()).build();
	}

	@Test
	void aDroppedEndpointRevivesWithACleanCountAndKeepsItsBrokerMeanwhile() {
		serve(reviving(RestartPolicy.builder().allowedConsecutiveErrors(1))).crash();
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.dropped()).isTrue();
		assertThat(report.decision().explanation())
			.isEqualTo("error 1 of 1 in a row (served 0 s, error window 1 s): drop, begin anew in 1 min");
		await(EndpointState.DROPPED);
		assertThat(feed().nextStart()).isEqualTo(this.time.now().instant().plusSeconds(60));
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		this.time.fireWithin(Duration.ofMinutes(1));
		this.puppets.next();
		await(EndpointState.SERVING);
		assertThat(feed().consecutiveErrors()).isZero();
		assertThat(feed().drops()).isEqualTo(1);
		assertThat(feed().restarts()).isZero();
		assertThat(feed().nextStart()).isNull();
	}

	@Test
	void aStopCancelsARevival() {
		serve(reviving(RestartPolicy.builder().allowedConsecutiveErrors(1))).crash();
		await(EndpointState.DROPPED);
		this.broker.stop("feed");
		await(EndpointState.STOPPED);
		assertThat(feed().nextStart()).isNull();
		this.time.pass(Duration.ofHours(1));
		assertThat(feed().state()).isEqualTo(EndpointState.STOPPED);
	}

	@Test
	void aStartBeforeTheRevivalIsTheOnlyOne() {
		serve(reviving(RestartPolicy.builder().allowedConsecutiveErrors(1))).crash();
		await(EndpointState.DROPPED);
		this.broker.start("feed");
		this.puppets.next();
		this.time.pass(Duration.ofHours(1));
		assertThat(feed().incarnation()).isEqualTo(2);
	}

	@Test
	void aFatalErrorIsFinalAllTheSame() throws Exception {
		serve(reviving(RestartPolicy.builder().fatal((error) -> true))).crash();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		assertThat(feed().state()).isEqualTo(EndpointState.DROPPED);
		assertThat(feed().nextStart()).isNull();
		assertThat(this.broker.history("feed")).extracting(CrashSummary::decision)
			.isEqualTo(List.of("fatal error (served 0 s): drop"));
	}

	@Test
	void g14AJvmThatStoodStillDeclaresNoEndpointHung() {
		serve(HEARTBEAT);
		await(EndpointState.SERVING);
		EndpointContext context = Waiting.next(this.contexts);
		Waiting.until(() -> this.time.pending() == 1);
		this.time.standStill(LIMIT.multipliedBy(2));
		Waiting.until(() -> this.time.pending() == 1);
		this.time.pass(LIMIT.minusMillis(1));
		context.heartbeat();
		this.time.pass(LIMIT.minusMillis(1));
		assertThat(feed().state()).isEqualTo(EndpointState.SERVING);
		assertThat(feed().crashes()).isZero();
		this.time.fireWithin(LIMIT);
		assertThat(this.monitor.nextCrash().phase()).isEqualTo(CrashPhase.HANG);
	}

	@Test
	void g14AJvmThatStoodStillUntilJustBeforeTheTimeoutDeclaresNoEndpointHung() {
		serve(HEARTBEAT);
		await(EndpointState.SERVING);
		Waiting.until(() -> this.time.pending() == 1);
		this.time.standStill(LIMIT.minusMillis(100));
		Waiting.until(() -> this.time.pending() == 1);
		this.time.pass(Duration.ofSeconds(2));
		assertThat(feed().crashes()).isZero();
	}

	@Test
	void g14AJvmThatStoodStillGivesOneMoreWindowToStart() {
		serve(START);
		Waiting.until(() -> this.time.pending() == 1);
		this.time.standStill(LIMIT.multipliedBy(2));
		Waiting.until(() -> this.time.pending() == 1);
		this.time.pass(LIMIT.minusMillis(1));
		Waiting.next(this.contexts).ready();
		await(EndpointState.SERVING);
		assertThat(feed().crashes()).isZero();
	}

}
