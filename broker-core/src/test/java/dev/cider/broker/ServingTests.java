package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How instances are made, served, and replaced when they crash: G1 to G7 and G14.
 */
class ServingTests {

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder().keepServing(true));

	private final Puppets puppets = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	private Puppet serve(EndpointFactory factory, EndpointOptions options) {
		this.broker.registerEndpointFactory("tcp", factory, options);
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		return (factory == this.puppets) ? this.puppets.next() : new Puppet();
	}

	private Puppet serve() {
		return serve(this.puppets, EndpointOptions.defaults());
	}

	private static EndpointOptions with(RestartPolicy policy) {
		return EndpointOptions.builder().restartPolicy(policy).build();
	}

	private static EndpointOptions atOnce(RestartMode mode) {
		return TestOptions.with(TestOptions.unlimited().mode(mode));
	}

	@Test
	void g2AnEndpointServesOnAThreadOfItsOwnNamedAfterItAndItsIncarnation() {
		Puppet first = serve();
		assertThat(first.servedBy).isNotNull().isNotEqualTo(Thread.currentThread());
		assertThat(first.servedBy.getName()).isEqualTo("broker-tcp-1");
		assertThat(first.servedBy.isDaemon()).isTrue();
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		assertThat(this.broker.endpoint("tcp").incarnation()).isEqualTo(1);
	}

	@Test
	void aRunIsNotLongerForTheTimeThatItTakesToReadWhatItThrew() {
		Puppet first = serve();
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		this.time.pass(Duration.ofMillis(400));
		first.crash(new Exception("boom") {
			@Override
			public String getMessage() {
				ServingTests.this.time.pass(Duration.ofSeconds(5));
				return super.getMessage();
			}
		});
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.served()).isEqualTo(Duration.ofMillis(400));
		assertThat(report.consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void g6ACrashIsReportedOnceWithItsErrorAndRepairedByANewInstance() {
		Puppet first = serve();
		this.time.pass(Duration.ofSeconds(5));
		Exception error = new Exception("boom");
		first.crash(error);

		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.factoryId()).isEqualTo("tcp");
		assertThat(report.error()).isSameAs(error);
		assertThat(report.dropped()).isFalse();
		assertThat(report.incarnation()).isEqualTo(1);
		assertThat(report.phase()).isEqualTo(CrashPhase.SERVE);
		assertThat(report.served()).isEqualTo(Duration.ofSeconds(5));
		assertThat(report.consecutiveErrors()).isZero();
		assertThat(report.decision()).isInstanceOf(RestartDecision.Restart.class);

		Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
		assertThat(this.broker.endpoint("tcp").nextStart()).isAfter(this.time.now().instant());
		assertThat(first.closes).hasValue(1);
		this.time.fireWithin(Duration.ofSeconds(1));
		Puppet second = this.puppets.next();
		assertThat(second).isNotSameAs(first);
		EndpointSnapshot snapshot = this.broker.endpoint("tcp");
		assertThat(snapshot.incarnation()).isEqualTo(2);
		assertThat(snapshot.starts()).isEqualTo(2);
		assertThat(snapshot.restarts()).isEqualTo(1);
		assertThat(snapshot.crashes()).isEqualTo(1);
		assertThat(snapshot.lastCrash()).isNotNull();
		assertThat(snapshot.lastCrash().message()).isEqualTo("boom");
		assertThat(this.broker.history("tcp")).containsExactly(snapshot.lastCrash());
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void g14ARestartWaitsForItsDelay() {
		serve().crash();
		Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
		this.time.pass(Duration.ofMillis(199));
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.BACKOFF);
		this.time.fireWithin(Duration.ofMillis(250));
		this.puppets.next();
	}

	@Test
	void theThirdQuickCrashInARowDropsWithItsErrorAndSaysSo() {
		Puppet puppet = serve();
		List<EndpointCrashReport> reports = new ArrayList<>();
		for (int i = 1; i <= 3; i++) {
			puppet.crash(new Exception("boom " + i));
			reports.add(this.monitor.nextCrash());
			if (i < 3) {
				Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
				this.time.fireWithin(Duration.ofSeconds(1));
				puppet = this.puppets.next();
			}
		}
		Waiting.untilState(this.broker, "tcp", EndpointState.DROPPED);
		assertThat(reports).extracting(EndpointCrashReport::dropped).containsExactly(false, false, true);
		assertThat(reports).extracting((report) -> report.error().getMessage())
			.containsExactly("boom 1", "boom 2", "boom 3");
		assertThat(reports.get(1).decision().explanation())
			.startsWith("error 2 of 3 in a row (served 0 s, error window 1 s): restart in ");
		assertThat(reports.get(2).decision().explanation())
			.isEqualTo("error 3 of 3 in a row (served 0 s, error window 1 s): drop");
		assertThat(this.puppets.all).allSatisfy((each) -> assertThat(each.closes).hasValue(1));
		assertThat(this.broker.endpoint("tcp").drops()).isEqualTo(1);
		assertThat(this.broker.history("tcp")).extracting(CrashSummary::message)
			.containsExactly("boom 3", "boom 2", "boom 1");
	}

	@Test
	void aRunLongerThanTheErrorWindowEarnsACleanCount() {
		Puppet puppet = serve();
		for (int i = 0; i < 10; i++) {
			this.time.pass(Duration.ofMillis(1001));
			puppet.crash();
			Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
			this.time.fireWithin(Duration.ofSeconds(1));
			puppet = this.puppets.next();
		}
		assertThat(this.broker.endpoint("tcp").crashes()).isEqualTo(10);
		assertThat(this.broker.endpoint("tcp").consecutiveErrors()).isZero();
	}

	@Test
	void g5AnErrorIsACrashToo() {
		serve().crash(new StackOverflowError());
		assertThat(this.monitor.nextCrash().error()).isInstanceOf(StackOverflowError.class);
	}

	@Test
	void g5AnInterruptNobodyAskedForIsACrash() {
		Puppet puppet = serve();
		assertThat(puppet.servedBy).isNotNull();
		puppet.servedBy.interrupt();
		assertThat(this.monitor.nextCrash().error()).isInstanceOf(InterruptedException.class);
		Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
	}

	@ParameterizedTest
	@EnumSource(value = RestartMode.class, names = { "ON_FAILURE", "NEVER" })
	void g7ANormalReturnFinishesUnlessTheModeIsAlways(RestartMode mode) {
		Puppet puppet = serve(this.puppets, atOnce(mode));
		puppet.finish();
		Waiting.untilState(this.broker, "tcp", EndpointState.FINISHED);
		assertThat(puppet.closes).hasValue(1);
		assertThat(puppet.closedBy).isSameAs(puppet.servedBy);
		assertThat(this.broker.endpoint("tcp").crashes()).isZero();
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void g7ANormalReturnRestartsInModeAlways() {
		serve(this.puppets, atOnce(RestartMode.ALWAYS)).finish();
		this.puppets.next();
		assertThat(this.broker.endpoint("tcp").restarts()).isEqualTo(1);
	}

	@Test
	void inModeNeverTheFirstCrashDropsHoweverLongItServed() {
		Puppet puppet = serve(this.puppets, atOnce(RestartMode.NEVER));
		this.time.pass(Duration.ofDays(1));
		puppet.crash();
		assertThat(this.monitor.nextCrash().dropped()).isTrue();
		Waiting.untilState(this.broker, "tcp", EndpointState.DROPPED);
	}

	@Test
	void aFatalErrorAnywhereInTheCauseChainDropsAtOnce() {
		Puppet puppet = serve(this.puppets,
				with(RestartPolicy.builder().fatal(java.net.BindException.class::isInstance).build()));
		this.time.pass(Duration.ofDays(1));
		puppet.crash(new RuntimeException(new java.net.BindException("in use")));
		assertThat(this.monitor.nextCrash().dropped()).isTrue();
	}

	@Test
	void aFatalPredicateThatThrowsSaysNo() {
		serve(this.puppets, with(RestartPolicy.builder().fatal((error) -> {
			throw new IllegalStateException("broken predicate");
		}).build())).crash();
		assertThat(this.monitor.nextCrash().dropped()).isFalse();
	}

	@Test
	void g1AFactoryThatThrowsIsACrashInPhaseCreateAndOfAnIncarnationOfItsOwn() {
		AtomicInteger calls = new AtomicInteger();
		serve(() -> {
			throw new Exception("no " + calls.incrementAndGet());
		}, EndpointOptions.defaults());
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.CREATE);
		assertThat(report.served()).isZero();
		assertThat(report.incarnation()).isEqualTo(1);
		Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
		this.time.fireWithin(Duration.ofSeconds(1));
		assertThat(this.monitor.nextCrash().incarnation()).isEqualTo(2);
	}

	@Test
	void g1AFactoryThatReturnsNullIsACrashInPhaseCreate() {
		serve(() -> null, EndpointOptions.defaults());
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.phase()).isEqualTo(CrashPhase.CREATE);
		assertThat(report.error())
			.hasMessage("The factory of endpoint 'tcp' returned null: it must return a new instance or throw");
	}

	@Test
	void g1AnInstanceSeenBeforeIsACrashInPhaseCreateAndNotClosedAgain() {
		Puppet only = new Puppet();
		serve(() -> only, atOnce(RestartMode.ON_FAILURE));
		only.awaitServing();
		only.crash();
		assertThat(this.monitor.nextCrash().phase()).isEqualTo(CrashPhase.SERVE);
		EndpointCrashReport refused = this.monitor.nextCrash();
		assertThat(refused.phase()).isEqualTo(CrashPhase.CREATE);
		assertThat(refused.error()).hasMessageContaining("that this broker has seen before");
		assertThat(only.serves).hasValue(1);
		assertThat(only.closes).hasValue(1);
	}

	@Test
	void g4TheNextIncarnationStartsOnlyAfterTheCloseOfTheLast() throws Exception {
		java.util.concurrent.CountDownLatch letClose = new java.util.concurrent.CountDownLatch(1);
		Puppets slow = new Puppets(() -> new Puppet() {
			@Override
			public void close() throws Exception {
				super.close();
				Waiting.on(letClose);
			}
		});
		serve(slow, atOnce(RestartMode.ON_FAILURE));
		Puppet first = slow.next();
		first.crash();
		Waiting.on(first.closed);
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.CLOSING);
		assertThat(slow.all).hasSize(1);
		letClose.countDown();
		slow.next();
	}

	@Test
	void anIncarnationThatCouldNotBeMadeIsClosingForThreadsThatItsFactoryLeft() {
		List<EndpointContext> contexts = new java.util.concurrent.CopyOnWriteArrayList<>();
		this.broker.registerEndpointFactory("feed", (context) -> {
			contexts.add(context);
			throw new IllegalStateException("no feed");
		});
		this.broker.listenAndServe();
		Waiting.untilState(this.broker, "feed", EndpointState.BACKOFF);
		assertThat(contexts.get(0).closing()).isTrue();
	}

	@Test
	void aContextualFactoryLearnsWhichIncarnationItMakes() {
		List<String> made = new java.util.concurrent.CopyOnWriteArrayList<>();
		this.broker.registerEndpointFactory("feed", (context) -> {
			made.add(context.id() + " " + context.incarnation() + " " + context.closing());
			return this.puppets.create();
		}, atOnce(RestartMode.ON_FAILURE));
		this.broker.listenAndServe();
		this.puppets.next().crash();
		this.puppets.next();
		assertThat(made).containsExactly("feed 1 false", "feed 2 false");
	}

}
