package dev.cider.broker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is thrown, wherever user code can throw: the crash is reported once with that
 * error, the endpoint is restarted or dropped as its policy says, the one beside it is
 * served and repaired as ever, and the broker ends (G5, G6, G9). The log is on, and reads
 * each Throwable as backends do.
 */
class ThrowablesFromHellTests {

	private static final RestartPolicy.Builder AT_ONCE = TestOptions.unlimited();

	private static final RestartPolicy.Builder NEVER = RestartPolicy.builder().mode(RestartMode.NEVER);

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final ReadingAppender reader = new ReadingAppender();

	private final Puppets puppets = new Puppets();

	private final Puppets neighbours = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private Broker broker = Broker.create();

	private Puppet neighbour;

	@BeforeEach
	void log() {
		this.logger.setLevel(Level.DEBUG);
		this.reader.start();
		this.logger.addAppender(this.reader);
	}

	@AfterEach
	void leave() {
		this.broker.close();
		this.logger.detachAppender(this.reader);
		this.logger.setLevel(null);
	}

	private static EndpointOptions with(RestartPolicy.Builder policy) {
		return EndpointOptions.builder().restartPolicy(policy.build()).build();
	}

	private void serve(EndpointFactory factory, RestartPolicy.Builder policy) {
		this.broker.registerEndpointFactory("tcp", factory, with(policy));
		this.broker.registerEndpointFactory("udp", this.neighbours, with(AT_ONCE));
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		this.neighbour = this.neighbours.next();
	}

	/** The first instance comes from elsewhere, all others are puppets. */
	private EndpointFactory first(EndpointFactory first) {
		AtomicBoolean made = new AtomicBoolean();
		return () -> made.compareAndSet(false, true) ? first.create() : this.puppets.create();
	}

	private void assertReported(Throwable error, CrashPhase phase) {
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.error() == error).as("the very error").isTrue();
		assertThat(report.factoryId()).isEqualTo("tcp");
		assertThat(report.phase()).isEqualTo(phase);
	}

	/** Every line is one line, whatever it is about. */
	private void assertLogged(String beginning) {
		Waiting.until(() -> this.reader.lines.stream().anyMatch((line) -> line.startsWith(beginning)));
		assertThat(this.reader.lines).noneMatch((line) -> line.contains("\n") || line.contains("\r"));
	}

	/** Nobody else was harmed: the other endpoint is still supervised, all of it ends. */
	private void assertAllIsWell() throws InterruptedException {
		assertThat(this.broker.endpoint("udp").crashes()).isZero();
		assertThat(this.neighbour.closes).hasValue(0);
		this.neighbour.crash();
		assertThat(this.monitor.nextCrash().factoryId()).isEqualTo("udp");
		this.neighbours.next();
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		assertThat(this.broker.await().stuck()).isEmpty();
		Waiting.on(this.monitor.terminated);
		assertThat(this.monitor.crashes).as("each crash once").isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void outOfAFactory(Hell hell) throws Exception {
		Throwable error = hell.make();
		serve(first(() -> {
			throw Hell.<Error>sneak(error);
		}), AT_ONCE);
		assertReported(error, CrashPhase.CREATE);
		assertLogged("tcp: crashed in phase CREATE, incarnation 1: " + error.getClass().getName());
		this.puppets.next();
		assertAllIsWell();
	}

	@ParameterizedTest
	@EnumSource
	void outOfListenAndServe(Hell hell) throws Exception {
		serve(this.puppets, AT_ONCE);
		Throwable error = hell.make();
		Puppet first = this.puppets.next();
		first.crash(error);
		assertReported(error, CrashPhase.SERVE);
		assertLogged("tcp: crashed in phase SERVE, incarnation 1: " + error.getClass().getName());
		this.puppets.next();
		assertThat(first.closes).hasValue(1);
		assertAllIsWell();
	}

	@ParameterizedTest
	@EnumSource
	void asTheLastOneBeforeTheDrop(Hell hell) throws Exception {
		serve(this.puppets, NEVER);
		Throwable error = hell.make();
		this.puppets.next().crash(error);
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.error() == error && report.dropped()).isTrue();
		Waiting.untilState(this.broker, "tcp", EndpointState.DROPPED);
		assertLogged("tcp: dropped in phase SERVE, incarnation 1: " + error.getClass().getName());
		assertAllIsWell();
	}

	@ParameterizedTest
	@EnumSource
	void outOfAWholeGroup(Hell hell) throws Exception {
		Puppets inside = new Puppets();
		serve(() -> {
			Broker inner = Broker.create();
			inner.registerEndpointFactory("inner", inside, with(NEVER));
			return inner.asEndpoint();
		}, AT_ONCE);
		Throwable error = hell.make();
		inside.next().crash(error);
		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.error()).isInstanceOf(EndpointDroppedException.class);
		assertThat(report.error().getCause() == error).isTrue();
		inside.next();
		assertAllIsWell();
	}

	@ParameterizedTest
	@EnumSource
	void outOfAClose(Hell hell) throws Exception {
		Throwable error = hell.make();
		Puppets badClosers = new Puppets(() -> new Puppet() {
			@Override
			public void close() throws Exception {
				super.close();
				throw Hell.<Error>sneak(error);
			}
		});
		serve(badClosers, AT_ONCE);
		Puppet first = badClosers.next();
		Exception crash = new Exception("boom");
		first.crash(crash);
		assertReported(crash, CrashPhase.SERVE);
		badClosers.next();
		assertLogged("tcp: close of incarnation 1 threw");
		assertThat(first.closes).hasValue(1);
		assertAllIsWell();
		assertThat(badClosers.all).allSatisfy((each) -> assertThat(each.closes).hasValue(1));
	}

	@ParameterizedTest
	@EnumSource
	void outOfTheFatalPredicate(Hell hell) throws Exception {
		Throwable error = hell.make();
		serve(this.puppets, TestOptions.atOnce().fatal((any) -> {
			throw Hell.<Error>sneak(error);
		}));
		Exception crash = new Exception("boom");
		this.puppets.next().crash(crash);
		assertReported(crash, CrashPhase.SERVE);
		assertLogged("tcp: the policy's fatal predicate threw, which counts as no");
		this.puppets.next();
		assertAllIsWell();
	}

	@ParameterizedTest
	@EnumSource
	void outOfTheThreadFactory(Hell hell) throws Exception {
		Throwable error = hell.make();
		AtomicBoolean threw = new AtomicBoolean();
		// The second thread: the first one is for the neighbour that starts before.
		this.broker = Broker.builder().threadFactory((task) -> {
			if (this.neighbour != null && threw.compareAndSet(false, true)) {
				throw Hell.<Error>sneak(error);
			}
			return new Thread(task);
		}).build();
		this.broker.registerEndpointFactory("tcp", this.puppets,
				EndpointOptions.builder().restartPolicy(AT_ONCE.build()).autoStart(false).build());
		this.broker.registerEndpointFactory("udp", this.neighbours, with(AT_ONCE));
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
		this.neighbour = this.neighbours.next();
		this.broker.start("tcp");
		assertReported(error, CrashPhase.CREATE);
		assertLogged("tcp: crashed in phase CREATE, incarnation 1: " + error.getClass().getName());
		this.puppets.next();
		assertAllIsWell();
	}

	@ParameterizedTest
	@EnumSource
	void outOfAMonitor(Hell hell) throws Exception {
		Throwable error = hell.make();
		List<Object> told = new CopyOnWriteArrayList<>();
		this.broker.monitor(new BrokerMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
				told.add(report);
				throw Hell.<Error>sneak(error);
			}

			@Override
			public void changed(EndpointChange change) {
				told.add(change);
				throw Hell.<Error>sneak(error);
			}

			@Override
			public void terminated(Termination termination) {
				told.add(termination);
				throw Hell.<Error>sneak(error);
			}
		});
		serve(this.puppets, AT_ONCE);
		Exception crash = new Exception("boom");
		this.puppets.next().crash(crash);
		assertReported(crash, CrashPhase.SERVE);
		this.puppets.next();
		assertAllIsWell();
		Waiting.until(() -> told.size() == this.monitor.told.size());
		assertThat(told).last().isInstanceOf(Termination.class);
		assertLogged("Monitor " + ThrowablesFromHellTests.class.getName());
	}

}
