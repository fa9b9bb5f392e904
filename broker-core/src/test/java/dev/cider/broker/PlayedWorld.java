package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real broker with two endpoints or three, operators and a timer, all on real threads
 * that play by {@link Turns}: endpoints crash, return, hang and are closed, while
 * operators start, stop, restart and terminate and the timer fires.
 */
final class PlayedWorld {

	private final RandomGenerator random;

	private final Turns turns;

	private final PlayedTime time;

	private final Broker broker;

	private final Insides insides;

	private final boolean keepServing;

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final List<PlayedEndpoint> endpoints = new ArrayList<>();

	private final Function<PlayedEndpoint, ContextualEndpointFactory> wrapping;

	/**
	 * A world.
	 * @param seed what decides everything in it
	 * @param wrapping what stands between the broker and the endpoints' factories
	 */
	PlayedWorld(long seed, Function<PlayedEndpoint, ContextualEndpointFactory> wrapping) {
		this.random = new SplittableRandom(seed);
		this.turns = new Turns(this.random);
		this.time = new PlayedTime(this.turns, this.random);
		this.keepServing = this.random.nextBoolean();
		this.broker = Broker.builder()
			.keepServing(this.keepServing)
			.time(this.time)
			.threads(new PlayedThreads(this.turns, this.random))
			.slice(this.random.nextInt(1, 4))
			.build();
		this.insides = new Insides(this.broker);
		this.broker.monitor(this.monitor);
		this.wrapping = wrapping;
		register("a");
		register("b");
	}

	private void register(String id) {
		PlayedEndpoint endpoint = new PlayedEndpoint(id, this.turns, this.random);
		endpoint.playFor(this.broker);
		this.broker.registerEndpointFactory(id, this.wrapping.apply(endpoint), options());
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

	private EndpointOptions options() {
		return EndpointOptions.builder()
			.autoStart(this.random.nextInt(4) > 0)
			.closeTimeout(Duration.ofSeconds(this.random.nextInt(1, 20)))
			.restartPolicy(RestartPolicy.builder()
				.mode(RestartMode.values()[this.random.nextInt(3)])
				.allowedConsecutiveErrors(this.random.nextInt(1, 4))
				.backoff(this.random.nextBoolean() ? Backoff.none()
						: Backoff.builder().delay(Duration.ofMillis(200)).jitter(Duration.ZERO).build())
				.reviveAfter(this.random.nextBoolean() ? Duration.ofSeconds(5) : null)
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
		this.turns.player("operator-1", () -> operate(this.random.nextInt(6))).start();
		this.turns.player("operator-2", () -> operate(this.random.nextInt(6))).start();
		this.turns.player("terminator", this::terminate).start();
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
		if (nextStart != null && nextStart.isAfter(this.time.now().instant())
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
		boolean before = endpoint.stopped;
		try {
			switch (this.random.nextInt(3)) {
				case 0 -> {
					this.turns.tell("start " + endpoint.id);
					endpoint.stopped = false;
					this.broker.start(endpoint.id);
				}
				case 1 -> {
					this.turns.tell("restart " + endpoint.id);
					endpoint.stopped = false;
					this.broker.restart(endpoint.id);
				}
				default -> {
					this.turns.tell("stop " + endpoint.id);
					this.broker.stop(endpoint.id);
					// It may have been left to another thread, which may come to it
					// later.
					endpoint.stopped = this.insides.isIdle(endpoint.id);
				}
			}
		}
		catch (InvalidStateException | EndpointTerminatedException refused) {
			endpoint.stopped = before;
		}
	}

	private void terminate() {
		int pauses = this.random.nextInt(60);
		for (int pause = 0; pause < pauses; pause++) {
			this.turns.pause();
		}
		this.turns.pauseUntil(() -> this.broker.state() != BrokerState.INITIALISED);
		this.turns.tell("terminate");
		checkSelfTermination();
		this.broker.terminate();
		this.turns.pauseUntil(this::isIdle);
		this.endpoints.forEach((endpoint) -> endpoint.terminated = true);
		long starts = starts();
		this.turns.pauseUntil(() -> this.broker.state() == BrokerState.TERMINATED);
		assertThat(starts()).as("G8: launches after terminate").isEqualTo(starts);
	}

	/** G11. Nobody has called terminate so far. */
	private void checkSelfTermination() {
		boolean ended = this.broker.endpoints().stream().allMatch(PlayedWorld::hasEnded);
		boolean serves = this.broker.state() == BrokerState.SERVING;
		// What is left and not done may be an operator's request, a reason to go on.
		if (isIdle() && serves == (ended && !this.keepServing)) {
			throw new AssertionError("G11: " + this.broker.state() + " with " + this.broker.endpoints());
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
