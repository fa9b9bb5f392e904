package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Groups, seen from outside. G27. Who is stopped and started, and in which order, is
 * compared with OTP in {@link OtpGroupTests}.
 */
class GroupTests {

	private static final Duration DELAY = Duration.ofSeconds(1);

	private final ManualTime time = new ManualTime();

	private final Map<String, Puppets> puppets = new LinkedHashMap<>();

	private @Nullable Broker broker;

	@AfterEach
	void stopAll() {
		if (this.broker != null) {
			this.broker.close();
		}
	}

	private static EndpointGroup group(GroupStrategy strategy, String... members) {
		return new EndpointGroup("trade", strategy, List.of(members));
	}

	private static EndpointOptions options(int allowedErrors, Duration delay) {
		return TestOptions.with(RestartPolicy.builder()
			.allowedConsecutiveErrors(allowedErrors)
			.errorWindow(Duration.ofHours(1))
			.backoff(delay.isZero() ? Backoff.none()
					: Backoff.builder().delay(delay).multiplier(1).jitter(Duration.ZERO).build()));
	}

	private void build(Broker.Builder builder, EndpointOptions options, String... ids) {
		this.broker = this.time.build(builder.keepServing(true));
		for (String id : ids) {
			this.broker.registerEndpointFactory(id, puppets(id), options);
		}
	}

	private Puppets puppets(String id) {
		return this.puppets.computeIfAbsent(id, (any) -> new Puppets());
	}

	private Puppet next(String id) {
		return puppets(id).next();
	}

	private void awaitWaitingFor(String id, String words) {
		Waiting.until(() -> words.equals(this.broker.endpoint(id).waitingFor()));
	}

	private void await(String id, EndpointState state) {
		Waiting.untilState(this.broker, id, state);
	}

	@Test
	void g27MembersStartInOrderAndSayWhomTheyWaitFor() {
		CountDownLatch ready = new CountDownLatch(1);
		build(Broker.builder().group(group(GroupStrategy.ONE_FOR_ONE, "a", "b")), TestOptions.restartAtOnce(), "b");
		this.broker.registerEndpointFactory("a", (context) -> Endpoint.interruptible(() -> {
			Waiting.on(ready);
			context.ready();
			new CountDownLatch(1).await();
		}), TestOptions.restartAtOnce().toBuilder().explicitReady(true).build());
		this.broker.listenAndServe();
		awaitWaitingFor("b", "group trade, whose member 'a' is STARTING");
		assertThat(this.broker.endpoint("b").incarnation()).isZero();
		ready.countDown();
		next("b");
	}

	@Test
	void g27AnOperatorsStopAndRestartLeaveTheOthersAlone() {
		build(Broker.builder().group(group(GroupStrategy.ONE_FOR_ALL, "a", "b")), TestOptions.restartAtOnce(), "a",
				"b");
		this.broker.listenAndServe();
		next("a");
		Puppet b = next("b");
		this.broker.stop("a");
		await("a", EndpointState.STOPPED);
		this.broker.start("a");
		next("a");
		this.broker.restart("a");
		next("a");
		await("a", EndpointState.SERVING);
		assertThat(b.closes).hasValue(0);
		this.broker.stop("a");
		await("a", EndpointState.STOPPED);
		b.crash();
		next("b");
		await("b", EndpointState.SERVING);
		assertThat(this.broker.endpoint("a").state()).as("who was stopped stays stopped")
			.isEqualTo(EndpointState.STOPPED);
	}

	@Test
	void g27OnlyTheErrorOfTheMemberThatFailedFirstCounts() {
		build(Broker.builder().group(group(GroupStrategy.REST_FOR_ONE, "a", "b", "c")), options(3, DELAY), "a", "b",
				"c");
		this.broker.listenAndServe();
		Puppet a = next("a");
		next("b").crash();
		await("b", EndpointState.BACKOFF);
		awaitWaitingFor("c", "group trade, whose member 'b' is BACKOFF");
		assertThat(this.broker.endpoint("b").consecutiveErrors()).isEqualTo(1);
		a.crash();
		await("a", EndpointState.BACKOFF);
		this.time.pass(DELAY);
		next("a");
		next("b");
		next("c");
		await("c", EndpointState.SERVING);
		assertThat(this.broker.endpoint("a").consecutiveErrors()).isEqualTo(1);
		assertThat(this.broker.endpoint("b").consecutiveErrors()).as("explained by a's failure").isZero();
		assertThat(this.broker.endpoint("b").crashes()).isEqualTo(1);
		assertThat(this.broker.endpoint("c").crashes()).isZero();
	}

	@Test
	void g27AMemberThatIsDroppedDropsTheGroupAndRevivesItToo() {
		ListAppender<ILoggingEvent> lines = new ListAppender<>();
		Logger log = (Logger) LoggerFactory.getLogger(LogMonitor.LOGGER);
		log.setLevel(Level.INFO);
		lines.start();
		log.addAppender(lines);
		try {
			RestartPolicy once = options(1, Duration.ZERO).restartPolicy().toBuilder().reviveAfter(DELAY).build();
			build(Broker.builder().group(group(GroupStrategy.ONE_FOR_ONE, "a", "b", "c")), TestOptions.with(once), "a",
					"b", "c");
			this.broker.listenAndServe();
			next("a");
			Puppet b = next("b");
			next("c");
			b.crash();
			await("b", EndpointState.DROPPED);
			awaitWaitingFor("a", "group trade, whose member 'b' is DROPPED");
			awaitWaitingFor("c", "group trade, whose member 'b' is DROPPED");
			this.broker.restart("c");
			awaitWaitingFor("c", "group trade, whose member 'b' is DROPPED");
			Waiting.until(() -> this.broker.endpoint("b").nextStart() != null);
			this.time.pass(DELAY);
			List.of("a", "b", "c").forEach((id) -> await(id, EndpointState.SERVING));
			assertThat(this.broker.endpoint("a").restarts()).isEqualTo(1);
			this.broker.close();
			assertThat(new ArrayList<>(lines.list)).extracting(ILoggingEvent::getFormattedMessage)
				.containsOnlyOnce("group 'trade': 'b' was dropped; closed until it starts again: 'a', 'c'");
		}
		finally {
			log.detachAppender(lines);
			log.setLevel(null);
		}
	}

	@Test
	void g27AtTheEndTheMembersAreClosedOneAfterAnotherTheLastFirst() {
		build(Broker.builder().group(group(GroupStrategy.ONE_FOR_ONE, "a", "b", "c")), TestOptions.restartAtOnce(), "a",
				"c");
		CountDownLatch mayEnd = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		this.broker.registerEndpointFactory("b", () -> Endpoint.of(() -> Waiting.on(closed), () -> {
			Waiting.on(mayEnd);
			closed.countDown();
		}), TestOptions.restartAtOnce());
		this.broker.listenAndServe();
		Puppet a = next("a");
		Puppet c = next("c");
		await("c", EndpointState.SERVING);
		this.broker.terminate();
		await("c", EndpointState.STOPPED);
		await("b", EndpointState.CLOSING);
		assertThat(c.closes).hasValue(1);
		assertThat(a.closes).as("it serves until b has ended").hasValue(0);
		assertThat(this.broker.endpoint("a").state()).isEqualTo(EndpointState.SERVING);
		mayEnd.countDown();
		this.broker.close();
		assertThat(a.closes).hasValue(1);
		assertThat(this.broker.endpoint("b").abandoned()).isZero();
	}

	@Test
	void g27NobodyWaitsForAMemberThatWasRemovedUntilItIsAddedAgain() {
		build(Broker.builder().group(group(GroupStrategy.REST_FOR_ONE, "a", "b", "c")), TestOptions.restartAtOnce(),
				"a", "b", "c");
		this.broker.listenAndServe();
		next("a");
		next("b");
		Puppet c = next("c");
		this.broker.remove("b").join();
		c.crash();
		c = next("c");
		this.broker.add("b", puppets("b"), TestOptions.restartAtOnce());
		next("b").crash();
		next("b");
		next("c");
		assertThat(c.closes).hasValue(1);
	}

	@Test
	void g27TheGroupComesBeforeTheTurn() {
		build(Broker.builder().maxConcurrentStarts(1).group(group(GroupStrategy.ONE_FOR_ALL, "a", "b", "c")),
				TestOptions.restartAtOnce(), "c", "b", "a", "x", "y");
		this.broker.listenAndServe();
		for (int i = 1; i <= 20; i++) {
			List.of("a", "b", "c", "x", "y").forEach((id) -> await(id, EndpointState.SERVING));
			Puppet b = puppets("b").all.get(i - 1);
			b.crash();
			int round = i + 1;
			Waiting.until(() -> puppets("c").all.size() == round);
		}
	}

	@Test
	void aGroupThatCannotBeIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> group(GroupStrategy.ONE_FOR_ONE, "a"))
			.withMessage("Invalid members ([a]) of group 'trade': must be at least two");
		assertThatIllegalArgumentException().isThrownBy(() -> group(GroupStrategy.ONE_FOR_ONE, "a", " "))
			.withMessage("Invalid members ([a,  ]) of group 'trade': an id must not be blank");
		assertThatIllegalArgumentException().isThrownBy(() -> group(GroupStrategy.ONE_FOR_ONE, "a", "b", "a"))
			.withMessage("Invalid members ([a, b, a]) of group 'trade': 'a' must not be named twice");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new EndpointGroup(" ", GroupStrategy.ONE_FOR_ONE, List.of("a", "b")))
			.withMessage("Invalid name ' ' of a group: must not be blank");
		Broker.Builder builder = Broker.builder().group(group(GroupStrategy.ONE_FOR_ONE, "a", "b"));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.group(group(GroupStrategy.ONE_FOR_ONE, "c", "d")))
			.withMessage("Invalid name 'trade' of a group: there is one of this name already");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> builder.group(new EndpointGroup("desk", GroupStrategy.ONE_FOR_ONE, List.of("c", "b"))))
			.withMessage("Invalid member 'b' of group 'desk': it is a member of group 'trade' already; an endpoint is"
					+ " a member of at most one group");
	}

	@Test
	void aGroupOfUnknownMembersOrInACircleIsRefused() {
		build(Broker.builder().group(group(GroupStrategy.ONE_FOR_ONE, "a", "b")), TestOptions.restartAtOnce(), "a",
				"x");
		assertThatIllegalArgumentException().isThrownBy(this.broker::listenAndServe)
			.withMessage("Invalid member 'b' of group 'trade': it is not registered; registered are 'a', 'x'");
		this.broker.registerEndpointFactory("b", puppets("b"), TestOptions.restartAtOnce());
		this.broker.registerEndpointFactory("y", puppets("y"),
				TestOptions.restartAtOnce().toBuilder().waitFor("endpoint/b", EndpointGate.serving("b")).build());
		this.broker.listenAndServe();
		next("y");
		this.broker.remove("a").join();
		EndpointOptions circle = TestOptions.restartAtOnce()
			.toBuilder()
			.waitFor("endpoint/y", EndpointGate.serving("y"))
			.build();
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.add("a", puppets("a"), circle))
			.withMessage("Invalid gates of endpoints: they wait for each other, so that none ever starts (a member of a"
					+ " group waits for the one before it): a -> y -> b -> a");
	}

	@Test
	void g21TheNextBrokerServesAGroupWithoutAMemberThatWasRemoved() {
		build(Broker.builder().group(group(GroupStrategy.REST_FOR_ONE, "a", "b")), TestOptions.restartAtOnce(), "a",
				"b");
		this.broker.listenAndServe();
		next("b");
		this.broker.remove("a").join();
		this.broker.close();
		Broker earlier = this.broker;
		build(Broker.builder().continuing(earlier).group(group(GroupStrategy.REST_FOR_ONE, "a", "b")),
				TestOptions.restartAtOnce(), "b");
		this.broker.listenAndServe();
		next("b");
	}

}
