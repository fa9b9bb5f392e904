package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real broker with two endpoints or three, operators and a timer, all on real threads
 * that play by {@link PlayedTurns}: endpoints crash, return, hang, are ready and are
 * closed, while operators start, stop, restart, announce the end and terminate and the
 * timer fires.
 */
final class PlayedWorld {

	private final RandomGenerator random;

	private final PlayedTurns turns;

	private final PlayedTime time;

	private final Broker broker;

	private final Insides insides;

	/** Whether it is likely to end by itself: nobody asks for anything. */
	private final boolean mortal;

	private final boolean keepServing;

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final List<PlayedEndpoint> endpoints = new ArrayList<>();

	private final Function<PlayedEndpoint, ContextualEndpointFactory> wrapping;

	private final Tally tally;

	/**
	 * A world.
	 * @param seed what decides everything in it
	 * @param wrapping what stands between the broker and the endpoints' factories
	 * @param tally counts what occurs
	 */
	PlayedWorld(long seed, Function<PlayedEndpoint, ContextualEndpointFactory> wrapping, Tally tally) {
		this.random = new SplittableRandom(seed);
		this.turns = new PlayedTurns(this.random);
		this.time = new PlayedTime(this.turns, this.random);
		this.mortal = this.random.nextInt(8) == 0;
		this.keepServing = !this.mortal && this.random.nextBoolean();
		this.broker = Broker.builder()
			.keepServing(this.keepServing)
			.time(this.time)
			.threads(new PlayedThreads(this.turns, this.random))
			.slice(this.random.nextInt(1, 4))
			.build();
		this.insides = new Insides(this.broker);
		this.broker.monitor(this.monitor);
		this.wrapping = wrapping;
		this.tally = tally;
		register("a");
		register("b");
	}

	private void register(String id) {
		PlayedEndpoint endpoint = new PlayedEndpoint(id, this.turns, this.random, this.tally);
		endpoint.playFor(this.broker);
		EndpointOptions options = options(endpoint.explicitReady);
		this.time.undisturbed(() -> this.broker.registerEndpointFactory(id, this.wrapping.apply(endpoint), options));
		this.endpoints.add(endpoint);
	}

	/** G11: what comes late is served, or refused. */
	private void registerLate() {
		this.turns.pause();
		try {
			register("late");
		}
		catch (InvalidStateException refused) {
			this.turns.tell("came too late");
		}
	}

	private EndpointOptions options(boolean explicitReady) {
		RestartMode[] modes = RestartMode.values();
		return EndpointOptions.builder()
			.explicitReady(explicitReady)
			.autoStart(this.mortal || this.random.nextInt(4) > 0)
			.closeTimeout(Duration.ofSeconds(this.random.nextInt(1, 20)))
			.restartPolicy(RestartPolicy.builder()
				.mode(modes[this.random.nextInt(modes.length)])
				.allowedConsecutiveErrors(this.random.nextInt(1, 4))
				.backoff(this.random.nextBoolean() ? Backoff.none()
						: Backoff.builder().delay(Duration.ofMillis(200)).jitter(Duration.ZERO).build())
				.reviveAfter(!this.mortal && this.random.nextBoolean() ? Duration.ofSeconds(5) : null)
				.build())
			.build();
	}

	/**
	 * Plays to the end, and checks.
	 * @return how many turns there were
	 */
	long play() throws Throwable {
		this.turns.player("starter", this.broker::listenAndServe).start();
		this.turns.player("latecomer", this::registerLate).start();
		int requests = this.mortal ? 1 : 6;
		this.turns.player("operator-1", () -> operate(this.random.nextInt(requests))).start();
		this.turns.player("operator-2", () -> operate(this.random.nextInt(requests))).start();
		this.turns.player("terminator", this::terminate).start();
		if (this.random.nextBoolean()) {
			this.turns.player("announcer", this::announceTermination).start();
		}
		this.turns.player("timer", this::fireTimers).start();
		long count = this.turns.play();
		checkTheEnd();
		return count;
	}

	List<String> story() {
		return this.turns.story();
	}

	private void fireTimers() {
		// Who waits for a thread to close with waits beyond the end, too.
		while (this.broker.state() != BrokerState.TERMINATED || this.time.isArmed()) {
			this.turns.pauseUntil(() -> this.time.isArmed() || this.broker.state() == BrokerState.TERMINATED);
			if (this.time.isArmed() && this.random.nextInt(3) == 0) {
				this.turns.tell("fires");
				List<EndpointSnapshot> before = this.broker.endpoints();
				this.time.fire();
				before.forEach(this::checkNotTooEarly);
				checkSnapshots();
			}
		}
	}

	private void checkNotTooEarly(EndpointSnapshot before) {
		Instant nextStart = before.nextStart();
		if (nextStart != null && nextStart.isAfter(this.time.instant())
				&& this.broker.endpoint(before.id()).starts() > before.starts()) {
			throw new AssertionError("started before its time: " + before);
		}
	}

	private void operate(int times) {
		for (int time = 0; time < times; time++) {
			this.turns.pause();
			operate(this.endpoints.get(this.random.nextInt(this.endpoints.size())));
			checkSnapshots();
		}
	}

	private void operate(PlayedEndpoint endpoint) {
		switch (this.random.nextInt(3)) {
			case 0 -> launch("start", endpoint, this.broker::start);
			case 1 -> launch("restart", endpoint, this.broker::restart);
			default -> stop(endpoint);
		}
	}

	/** G8: who has announced the end launches nothing any more. */
	private void launch(String what, PlayedEndpoint endpoint, Consumer<String> operation) {
		this.turns.tell(what + " " + endpoint.id);
		boolean mustBeRefused = endpoint.announced;
		long launch = ++endpoint.launches;
		try {
			operation.accept(endpoint.id);
			if (mustBeRefused) {
				throw new AssertionError("G8: " + what + " after the announcement: " + endpoint.id);
			}
		}
		catch (InvalidStateException | EndpointTerminatedException refused) {
			if (endpoint.launches == launch) {
				endpoint.launches--;
			}
			this.tally.count(mustBeRefused ? "refused after the announcement" : "refused");
		}
	}

	private void stop(PlayedEndpoint endpoint) {
		this.turns.tell("stop " + endpoint.id);
		long launches = endpoint.launches;
		try {
			this.broker.stop(endpoint.id);
		}
		catch (InvalidStateException | EndpointTerminatedException refused) {
			return;
		}
		// It may have been left to another thread, which may come to it later; and while
		// this one was at work another operator may have said something else.
		if (endpoint.isIdle("stop") && endpoint.launches == launches) {
			endpoint.stoppedAfter = launches;
		}
	}

	/**
	 * What others have left to be done before the announcement is done before it, so what
	 * is promised after it holds when nothing is left.
	 */
	private void announceTermination() {
		pause(40);
		this.turns.pauseUntil(() -> this.broker.state() != BrokerState.INITIALISED);
		this.turns.tell("announce");
		this.endpoints.forEach((endpoint) -> endpoint.announcing = true);
		this.broker.announceTermination();
		this.endpoints.forEach((endpoint) -> endpoint.announced = true);
		this.turns.pauseUntil(this::isIdle);
		if (this.broker.state() == BrokerState.SERVING) {
			this.tally.count("announcement, idle");
		}
		this.endpoints.forEach((endpoint) -> endpoint.atTheAnnouncement = this.broker.endpoint(endpoint.id));
		checkSnapshots();
	}

	private void pause(int most) {
		int pauses = this.random.nextInt(most);
		for (int pause = 0; pause < pauses; pause++) {
			this.turns.pause();
		}
	}

	private void terminate() {
		pause(this.mortal ? 400 : 60);
		this.turns.pauseUntil(() -> this.broker.state() != BrokerState.INITIALISED);
		this.turns.tell("terminate");
		checkSelfTermination();
		this.broker.terminate();
		this.turns.pauseUntil(this::isIdle);
		if (this.broker.state() == BrokerState.TERMINATING) {
			this.tally.count("termination, idle");
		}
		this.endpoints.forEach((endpoint) -> endpoint.terminated = true);
		long starts = starts();
		this.turns.pauseUntil(() -> this.broker.state() == BrokerState.TERMINATED);
		assertThat(starts()).as("G8: launches after terminate").isEqualTo(starts);
	}

	/** G11. Nobody has called terminate so far, or it is nothing to be seen here. */
	private void checkSelfTermination() {
		if (this.endpoints.stream().anyMatch((endpoint) -> endpoint.terminatedInside)) {
			return;
		}
		boolean ended = this.broker.endpoints().stream().allMatch(PlayedWorld::hasEnded);
		boolean serves = this.broker.state() == BrokerState.SERVING;
		// What is left and not done may be an operator's request, a reason to go on.
		if (isIdle()) {
			this.tally.count(serves ? "goes on, idle" : "ended by itself, idle");
			if (serves == (ended && !this.keepServing)) {
				throw new AssertionError("G11: " + this.broker.state() + " with " + this.broker.endpoints());
			}
		}
	}

	private boolean isIdle() {
		return this.endpoints.stream().allMatch((endpoint) -> this.insides.isIdle(endpoint.id));
	}

	private static boolean hasEnded(EndpointSnapshot shown) {
		return shown.state() == EndpointState.FINISHED
				|| (shown.state() == EndpointState.DROPPED && shown.nextStart() == null);
	}

	private long starts() {
		return this.broker.endpoints().stream().mapToLong(EndpointSnapshot::starts).sum();
	}

	private void checkSnapshots() {
		this.broker.endpoints().forEach(PlayedWorld::checkConsistent);
		this.endpoints.forEach(this::checkAnnouncement);
		this.endpoints.forEach(this::checkReady);
	}

	private void checkAnnouncement(PlayedEndpoint endpoint) {
		EndpointSnapshot then = endpoint.atTheAnnouncement;
		if (then != null) {
			EndpointSnapshot shown = this.broker.endpoint(endpoint.id);
			assertThat(shown.starts()).as("G8: launches after the announcement").isEqualTo(then.starts());
			assertThat(shown.crashes()).as("G5: crashes after the announcement").isEqualTo(then.crashes());
			assertThat(shown.state()).as("G8: no backoff after the announcement").isNotEqualTo(EndpointState.BACKOFF);
			assertThat(shown.nextStart()).as("G8: no revival after the announcement").isNull();
		}
	}

	private void checkReady(PlayedEndpoint endpoint) {
		EndpointSnapshot shown = this.broker.endpoint(endpoint.id);
		if (endpoint.explicitReady && shown.state() == EndpointState.SERVING) {
			assertThat(endpoint.hasSaidReady(shown.incarnation())).as("G18: serves only when it says so").isTrue();
			this.tally.count("serves since it said so");
		}
		if (endpoint.explicitReady && shown.state() == EndpointState.STARTING) {
			this.tally.count("has not said that it serves");
		}
	}

	private static void checkConsistent(EndpointSnapshot shown) {
		boolean consistent = shown.starts() == shown.incarnation() && shown.restarts() <= shown.starts()
				&& shown.drops() <= shown.crashes() && shown.crashes() <= shown.starts()
				&& (shown.lastCrash() != null) == (shown.crashes() > 0)
				&& (shown.nextStart() != null || shown.state() != EndpointState.BACKOFF);
		if (!consistent) {
			throw new AssertionError("G12: " + shown);
		}
	}

	private void checkTheEnd() {
		Waiting.on(this.monitor.terminated);
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(this.broker.terminated()).as("G11").isCompleted();
		List<Termination> terminations = this.monitor.told.stream()
			.filter(Termination.class::isInstance)
			.map(Termination.class::cast)
			.toList();
		assertThat(terminations).as("G11").hasSize(1);
		assertThat((long) terminations.get(0).stuck().size()).as("G11").isLessThanOrEqualTo(abandoned());
		checkSnapshots();
		checkReports();
		assertThat(this.broker.endpoints()).as("G11")
			.extracting(EndpointSnapshot::id)
			.containsExactlyElementsOf(this.endpoints.stream().map((endpoint) -> endpoint.id).toList());
		this.endpoints.forEach(this::checkTheEnd);
	}

	private void checkTheEnd(PlayedEndpoint endpoint) {
		assertThat(endpoint.made).as("G3").allMatch((instance) -> instance.closes == 1);
		EndpointSnapshot last = this.broker.endpoint(endpoint.id);
		assertThat(last.crashes()).as("G5")
			.isBetween((long) endpoint.crashes.size() - endpoint.doubtful, (long) endpoint.crashes.size());
		assertThat(last.abandoned()).as("G10").isZero();
		assertThat(last.state()).as("G11").isIn(EndpointState.STOPPED, EndpointState.FINISHED, EndpointState.DROPPED);
		List<EndpointCrashReport> reports = this.monitor.crashes.stream()
			.filter((report) -> report.factoryId().equals(endpoint.id))
			.toList();
		if (!reports.isEmpty()) {
			// Each crash may have come after a stop that waited for its turn: then none
			// is reported, and no list but an empty one has an empty subsequence here.
			assertThat(endpoint.crashes).as("G6")
				.containsSubsequence(reports.stream().map(EndpointCrashReport::error).toList());
		}
		assertThat(reports).as("G6").doesNotHaveDuplicates();
		assertThat(reports).as("G16: a run counts from ready() on")
			.allMatch((report) -> report.served().isZero() || !endpoint.explicitReady
					|| endpoint.hasSaidReady(report.incarnation()));
	}

	/** Of two drops of one endpoint that wait the older is lost, and counted. */
	private void checkReports() {
		long crashes = this.broker.endpoints().stream().mapToLong(EndpointSnapshot::crashes).sum();
		long drops = this.broker.endpoints().stream().mapToLong(EndpointSnapshot::drops).sum();
		long lost = this.broker.lost(this.monitor);
		assertThat(this.monitor.crashes.size() + lost).as("G6").isEqualTo(crashes);
		assertThat(this.monitor.crashes.stream().filter(EndpointCrashReport::dropped).count() + lost).as("G6")
			.isEqualTo(drops);
	}

	long abandoned() {
		return this.monitor.told.stream()
			.filter((event) -> event instanceof EndpointChange change
					&& change.to().abandoned() > change.from().abandoned())
			.count();
	}

	long crashes() {
		return this.monitor.crashes.size();
	}

}
