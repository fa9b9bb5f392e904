package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

import dev.cider.broker.EndpointMachine.Step;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Everything around one machine, played at random in virtual time: factories, endpoints,
 * the timer, operators. Completions come late, in any order, and sometimes never; a timer
 * that was disarmed may fire all the same. What the machine wants is checked by an
 * {@link Oracle} that keeps its own books.
 */
final class SimulatedWorld {

	private final RandomGenerator random;

	private final PriorityQueue<Event> events = new PriorityQueue<>();

	/** Told only when it ends badly. */
	private final List<Object> story = new ArrayList<>();

	private final Oracle oracle;

	private EndpointMachine machine;

	private long now;

	private long eventCount;

	private @Nullable Event armed;

	private boolean heard;

	private long lastHeartbeat;

	SimulatedWorld(long seed) {
		this.random = new SplittableRandom(seed);
		EndpointOptions options = EndpointOptions.builder()
			.startTimeout(chance(40) ? Duration.ofMillis(this.random.nextInt(1, 50)) : null)
			.heartbeatTimeout(chance(40) ? Duration.ofMillis(this.random.nextInt(100, 1000)) : null)
			.closeTimeout(Duration.ofMillis(this.random.nextInt(1, 3000)))
			.restartPolicy(policy())
			.autoStart(this.random.nextBoolean())
			.build();
		boolean contextual = options.heartbeatTimeout() != null || chance(50);
		this.machine = EndpointMachine.registered("simulated", options, contextual, moment());
		this.oracle = new Oracle(options, contextual);
		this.story.add(options);
		tell(new Signal.Begin());
	}

	private RestartPolicy policy() {
		Duration delay = Duration.ofMillis(this.random.nextInt(300));
		return RestartPolicy.builder()
			.mode(RestartMode.values()[this.random.nextInt(RestartMode.values().length)])
			.allowedConsecutiveErrors(
					(this.random.nextInt(5) == 0) ? RestartPolicy.UNLIMITED : this.random.nextInt(1, 5))
			.errorWindow(Duration.ofMillis(this.random.nextInt(1, 1500)))
			.backoff(Backoff.builder()
				.delay(delay)
				.multiplier(1 + this.random.nextInt(3))
				.maxDelay(delay.multipliedBy(this.random.nextInt(1, 10)))
				.jitter(Duration.ofMillis(this.random.nextInt(100)))
				.build())
			.reviveAfter(chance(30) ? Duration.ofMillis(this.random.nextInt(1, 2000)) : null)
			.build();
	}

	void live(int steps) {
		for (int i = 0; i < steps; i++) {
			if (this.events.isEmpty() || this.random.nextInt(4) == 0) {
				this.now += this.random.nextLong(200_000_000);
				tell(wish());
			}
			else {
				happen();
			}
		}
	}

	/** Terminates, and lets everything happen that is still to happen. */
	void end() {
		tell(new Signal.Terminate());
		while (!this.events.isEmpty()) {
			happen();
		}
		this.oracle.checkTheEnd(this.machine);
	}

	private Signal wish() {
		return switch (this.random.nextInt(10)) {
			case 0, 1, 2 -> new Signal.Stop();
			case 3, 4, 5 -> new Signal.Restart();
			default -> new Signal.Start();
		};
	}

	private void happen() {
		Event event = this.events.remove();
		this.now = Math.max(this.now, event.at);
		if (event.signal instanceof Signal.TimerFired fired) {
			tell(new Signal.TimerFired(fired.timer(), this.heard, this.lastHeartbeat));
		}
		else {
			tell(event.signal);
		}
		if (chance(30)) {
			this.heard = true;
			this.lastHeartbeat = this.now;
		}
	}

	private void tell(Signal signal) {
		EndpointMachine before = this.machine;
		Step step = before.on(signal, moment());
		this.machine = step.machine();
		this.story.add(new Scene(this.now, signal, step));
		this.oracle.check(before, signal, this.now, step);
		step.actions().forEach(this::carryOut);
	}

	private void carryOut(Action action) {
		if (action instanceof Action.Launch launch) {
			long n = launch.incarnation();
			this.heard = false;
			if (chance(90)) {
				schedule(new Signal.Ready(n), 60, 10);
			}
			schedule(chance(15) ? new Signal.CreateFailed(n, failure(), roll()) : new Signal.Created(n), 20, 5);
		}
		else if (action instanceof Action.Serve serve) {
			long n = serve.incarnation();
			schedule(chance(25) ? new Signal.Returned(n, roll()) : new Signal.Threw(n, failure(), roll()), 3000, 20);
		}
		else if (action instanceof Action.Inspect inspect) {
			Failure failure = new Failure(new IllegalStateException("slow"), "slow", null, false, 0);
			schedule(new Signal.TimedOut(inspect.timer(), failure, roll()), 500, 0);
		}
		else if (action instanceof Action.Close close) {
			schedule(new Signal.Closed(close.incarnation()), 2000, 15);
		}
		else if (action instanceof Action.CloseAside close) {
			schedule(new Signal.Closed(close.incarnation()), 2000, 15);
			hurry(close.incarnation());
		}
		else if (action instanceof Action.Interrupt interrupt) {
			hurry(interrupt.incarnation());
		}
		else if (action instanceof Action.Arm arm) {
			this.armed = event(new Signal.TimerFired(arm.timer(), false, 0), arm.delay().toNanos());
			this.events.add(this.armed);
		}
		else if (action instanceof Action.Disarm && !chance(20)) {
			this.events.remove(this.armed);
		}
	}

	/** What the body was about to do it may now do soon, or never. */
	private void hurry(long incarnation) {
		if (this.random.nextInt(3) > 0) {
			List<Event> bodies = this.events.stream()
				.filter((event) -> event.signal instanceof Signal.OfIncarnation of && of.incarnation() == incarnation
						&& !(event.signal instanceof Signal.Closed || event.signal instanceof Signal.Ready))
				.toList();
			this.events.removeAll(bodies);
			bodies.forEach((body) -> schedule(body.signal, 100, 0));
		}
	}

	/** Something that happens within a time, or much too late with the given chance. */
	private void schedule(Signal signal, int withinMillis, int percentTooLate) {
		long delay = this.random.nextLong(1_000_000L * withinMillis);
		this.events.add(event(signal, chance(percentTooLate) ? delay + 60_000_000_000L : delay));
	}

	private Event event(Signal signal, long delay) {
		return new Event(this.now + delay, this.eventCount++, signal);
	}

	private boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

	private Failure failure() {
		boolean fatal = chance(3);
		return new Failure(new IllegalStateException(fatal ? "fatal" : "boom"), "boom", null, fatal, 0);
	}

	private double roll() {
		return this.random.nextDouble();
	}

	private Moment moment() {
		return new Moment(this.now, Instant.EPOCH.plusNanos(this.now));
	}

	long abandoned() {
		return this.oracle.abandonedInAll();
	}

	/** How many signals the machine was told. */
	long steps() {
		return this.story.size() - 1;
	}

	long drops() {
		return this.machine.shown().drops();
	}

	String story() {
		return this.story.stream().map(Object::toString).collect(Collectors.joining("\n"));
	}

	private record Scene(long at, Signal signal, Step step) {

		@Override
		public String toString() {
			return this.at / 1_000_000 + " ms: " + this.signal + " -> " + this.step.machine().shown().state() + " "
					+ this.step.actions();
		}

	}

	private record Event(long at, long number, Signal signal) implements Comparable<Event> {

		@Override
		public int compareTo(Event other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.number, other.number);
		}

	}

}
