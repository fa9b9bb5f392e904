package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.cider.broker.HangingException.Part;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Throwable whose methods hang holds up the endpoint that threw it, or the log that
 * reads it, and nothing else (G9); and it is to be got rid of like any other endpoint
 * that hangs (G10).
 */
class HangingThrowablesTests {

	private static final RestartPolicy AT_ONCE = TestOptions.unlimited().build();

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final ReadingAppender reader = new ReadingAppender();

	private final CountDownLatch hangs = new CountDownLatch(1);

	private final CountDownLatch letGo = new CountDownLatch(1);

	private final Puppets puppets = new Puppets();

	private final Puppets neighbours = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private Broker broker = Broker.create();

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
		this.logger.detachAppender(this.reader);
		this.logger.setLevel(null);
	}

	private void serve(EndpointFactory factory, RestartPolicy policy) {
		this.broker.registerEndpointFactory("tcp", factory,
				EndpointOptions.builder().restartPolicy(policy).closeTimeout(Duration.ofMillis(5)).build());
		this.broker.registerEndpointFactory("udp", this.neighbours,
				EndpointOptions.builder().restartPolicy(AT_ONCE).build());
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
	}

	private Throwable hanging(Part part) {
		return new HangingException(part, this.hangs, this.letGo);
	}

	private void assertTheNeighbourIsRepairedMeanwhile() {
		Waiting.on(this.hangs);
		Exception error = new Exception("boom");
		this.neighbours.next().crash(error);
		assertThat(this.monitor.nextCrash().error()).isSameAs(error);
		this.neighbours.next();
	}

	/** It is stopped and started while it hangs, and counted until it does not. */
	private void assertItIsToBeGotRidOf() throws InterruptedException {
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("tcp").abandoned()).isEqualTo(1);
		this.broker.start("tcp");
		this.puppets.next();
		this.letGo.countDown();
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == 0);
		assertThat(this.monitor.crashes).as("an exit that was asked for is no crash").isEmpty();
		assertTheBrokerEnds();
	}

	private void assertTheBrokerEnds() throws InterruptedException {
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		Waiting.on(this.monitor.terminated);
	}

	@ParameterizedTest
	@EnumSource
	void outOfAFactory(Part part) throws Exception {
		AtomicBoolean threw = new AtomicBoolean();
		serve(() -> {
			if (threw.compareAndSet(false, true)) {
				throw Hell.<Error>sneak(hanging(part));
			}
			return this.puppets.create();
		}, AT_ONCE);
		assertTheNeighbourIsRepairedMeanwhile();
		assertItIsToBeGotRidOf();
	}

	@ParameterizedTest
	@EnumSource
	void outOfListenAndServe(Part part) throws Exception {
		serve(this.puppets, AT_ONCE);
		this.puppets.next().crash(hanging(part));
		assertTheNeighbourIsRepairedMeanwhile();
		assertItIsToBeGotRidOf();
	}

	@ParameterizedTest
	@EnumSource
	void outOfTheThreadFactory(Part part) throws Exception {
		AtomicBoolean due = new AtomicBoolean();
		this.broker = Broker.builder().keepServing(true).threadFactory((task) -> {
			if (due.compareAndSet(true, false)) {
				throw Hell.<Error>sneak(hanging(part));
			}
			return new Thread(task);
		}).build();
		serve(this.puppets, AT_ONCE);
		this.puppets.next();
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		due.set(true);
		this.broker.start("tcp");
		assertTheNeighbourIsRepairedMeanwhile();
		assertItIsToBeGotRidOf();
	}

	@ParameterizedTest
	@EnumSource
	void outOfAClose(Part part) throws Exception {
		Puppets badClosers = new Puppets(() -> new Puppet() {
			@Override
			public void close() throws Exception {
				super.close();
				throw Hell.<Error>sneak(hanging(part));
			}
		});
		serve(badClosers, AT_ONCE);
		badClosers.next();
		this.broker.stop("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.STOPPED);
		assertTheNeighbourIsRepairedMeanwhile();
		assertTheBrokerEnds();
	}

	@ParameterizedTest
	@EnumSource
	void outOfTheFatalPredicate(Part part) throws Exception {
		serve(this.puppets, TestOptions.atOnce().fatal((any) -> {
			throw Hell.<Error>sneak(hanging(part));
		}).build());
		Exception error = new Exception("boom");
		this.puppets.next().crash(error);
		assertThat(this.monitor.nextCrash().error()).isSameAs(error);
		this.puppets.next();
		assertTheNeighbourIsRepairedMeanwhile();
		assertTheBrokerEnds();
	}

	@ParameterizedTest
	@EnumSource
	void outOfAMonitor(Part part) throws Exception {
		this.broker.monitor((report) -> {
			throw Hell.<Error>sneak(hanging(part));
		});
		serve(this.puppets, AT_ONCE);
		Exception error = new Exception("boom");
		this.puppets.next().crash(error);
		assertThat(this.monitor.nextCrash().error()).isSameAs(error);
		this.puppets.next();
		assertTheNeighbourIsRepairedMeanwhile();
		assertTheBrokerEnds();
	}

}
