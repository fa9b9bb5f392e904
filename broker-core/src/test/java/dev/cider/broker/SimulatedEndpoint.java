package dev.cider.broker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * Everything around one machine: its factory, its instances, its timer, its supervisor.
 * Completions come late, in any order, and sometimes never; a timer that was disarmed may
 * fire all the same.
 */
final class SimulatedEndpoint {

	private static final long FAR_TOO_LATE = 60_000_000_000L;

	private final SimulatedBroker broker;

	private final SimulatedWorld world;

	private final SimulationTime time;

	private final SimulationChance chance;

	private final EndpointOracle oracle;

	private final @Nullable SimulatedEndpoint predecessor;

	/** Incarnations that will never complete something; shared with predecessors. */
	private final Set<Long> stuck;

	/** What the threads in create and listenAndServe are about to say. */
	private final Map<Long, Saying> bodies;

	/** The brokers that incarnations serve; shared with predecessors. */
	private final Map<Long, Inner> inners;

	private final SimulatedGatekeeper gatekeeper;

	private EndpointMachine machine;

	private SimulationTime.@Nullable Event armed;

	/** What operators want and the machine has not been told. */
	private @Nullable Signal requested;

	private OracleRequestBooks requests = new OracleRequestBooks();

	private boolean heard;

	private long lastHeartbeat;

	/** The same endpoint in the next broker, once it knows what was abandoned here. */
	private @Nullable SimulatedEndpoint successor;

	SimulatedEndpoint(String id, SimulatedBroker broker, SimulatedWorld world, SimulationChance chance, boolean mortal,
			@Nullable SimulatedEndpoint predecessor) {
		this.broker = broker;
		this.world = world;
		this.time = world.time();
		this.chance = chance;
		EndpointOptions options = mortal ? SimulationOptions.mortal(chance) : SimulationOptions.draw(chance);
		boolean contextual = options.heartbeatTimeout() != null || options.explicitReady() || chance.percent(50);
		boolean gated = chance.percent(33);
		this.gatekeeper = new SimulatedGatekeeper(this.time, chance, gated, this::tell);
		this.predecessor = predecessor;
		this.stuck = (predecessor != null) ? predecessor.stuck : new HashSet<>();
		this.bodies = (predecessor != null) ? predecessor.bodies : new HashMap<>();
		this.inners = (predecessor != null) ? predecessor.inners : new HashMap<>();
		this.machine = (predecessor != null)
				? EndpointMachine.continuing(predecessor.machine, options, contextual, gated, this.time.moment())
				: EndpointMachine.registered(id, options, contextual, gated, this.time.moment());
		this.oracle = new EndpointOracle(options, contextual, gated, (predecessor != null) ? predecessor.oracle : null);
		world.story().registered(id, contextual, gated, options);
	}

	/** Sooner or later what the predecessor had to abandon becomes ours. */
	void beginsToTakeOver() {
		SimulatedEndpoint former = this.predecessor;
		if (former != null) {
			this.time.after(this.chance.percent(50) ? 0 : this.chance.nanosWithin(50), () -> former.handOverTo(this));
		}
	}

	private void handOverTo(SimulatedEndpoint next) {
		this.successor = next;
		tell(new Signal.HandOver());
	}

	/** What is submitted is told at once, or when others are done with the endpoint. */
	void submit(Signal signal) {
		this.time.after(this.chance.percent(80) ? 0 : this.chance.nanosWithin(20), () -> tell(signal));
	}

	/**
	 * What an operator wants waits for its turn like everything else; what he wants until
	 * then is joined to it.
	 */
	void request(Signal.Request request) {
		SimulatedMachine brain = this.world.brain();
		Signal waits = this.requested;
		this.requests.ask(request);
		if (waits != null) {
			this.requested = brain.join(waits, request);
			this.broker.requestIsDone();
			return;
		}
		this.requested = request;
		this.time.after(this.chance.percent(80) ? 0 : this.chance.nanosWithin(20), this::tellRequests);
	}

	private void tellRequests() {
		List<Signal> told = this.world.brain().inOrder(this.requested);
		this.requested = null;
		this.requests.check(told);
		this.requests = new OracleRequestBooks();
		told.forEach(this::tell);
		this.broker.requestIsDone();
	}

	/** Threads of what runs now may be inside the application's shutdown, or soon. */
	void mayAwaitEnd() {
		if (this.chance.percent(30)) {
			boolean body = this.chance.percent(60);
			boolean close = this.chance.percent(50);
			long wait = this.chance.percent(70) ? 0 : this.chance.nanosWithin(300) + 1;
			this.time.after(this.chance.nanosWithin(300), () -> {
				long n = this.machine.incarnation;
				tell(new Signal.AwaitsEnd(n, body, close));
				if (wait > 0) {
					boolean both = this.chance.percent(50);
					this.time.after(wait, () -> tell(new Signal.AwaitsEndNoMore(n, body && both, close)));
				}
			});
		}
	}

	void tell(Signal signal) {
		SimulatedEndpoint next = this.successor;
		if (next != null && (signal instanceof Signal.OfIncarnation || signal instanceof Signal.TakeOver)) {
			next.tell(signal);
			return;
		}
		EndpointMachine before = this.machine;
		SimulatedMachine brain = this.world.brain();
		SimulationStory.Scene scene = this.world.story().told(before.shown().id(), signal, this.time.now());
		Step step = brain.on(before, signal, this.time.moment());
		this.machine = step.machine();
		scene.leadsTo(step);
		this.oracle.check(before, signal, this.time.now(), step);
		step.actions().forEach(this::carryOut);
		this.broker.told(brain.hasEnded(before), brain.hasEnded(this.machine),
				brain.isOver(this.machine) && !brain.isOver(before));
	}

	private void carryOut(Action action) {
		if (action instanceof Action.Launch launch) {
			launch(launch.incarnation());
			this.gatekeeper.launched(launch.incarnation());
		}
		else if (action instanceof Action.Ask ask) {
			this.gatekeeper.asked(ask);
		}
		else if (action instanceof Action.Withdraw withdrawal) {
			this.gatekeeper.withdrawn(withdrawal);
		}
		else if (action instanceof Action.Serve serve) {
			long n = serve.incarnation();
			serveInner(n);
			body(n, this.chance.percent(25) ? new Signal.Returned(n, roll()) : threw(n), 3000);
		}
		else if (action instanceof Action.Inspect inspect) {
			Failure slow = new Failure(new Thrown("slow"), "slow", null, false, Fingerprint.of(List.of()));
			double roll = roll();
			this.time.after(this.chance.nanosWithin(500), () -> {
				beats(20);
				tell(new Signal.TimedOut(inspect.timer(), slow, inspect.noticed(), this.heard, this.lastHeartbeat,
						roll));
			});
		}
		else if (action instanceof Action.Close close) {
			close(close.incarnation());
		}
		else if (action instanceof Action.CloseAside close) {
			close(close.incarnation());
			hurry(close.incarnation());
		}
		else if (action instanceof Action.Interrupt interrupt) {
			hurry(interrupt.incarnation());
		}
		else if (action instanceof Action.Arm arm) {
			long late = this.chance.percent(80) ? 0 : this.chance.nanosWithin(this.chance.percent(80) ? 100 : 5000);
			this.armed = this.time.after(arm.delay().toNanos() + late, () -> fire(arm.timer(), late));
		}
		else if (action instanceof Action.Disarm && this.armed != null && !this.chance.percent(20)) {
			this.armed.cancel();
		}
		else if (action instanceof Action.HandOver handOver) {
			this.successor.tell(new HandedOver(handOver.abandoned()));
		}
	}

	private void launch(long n) {
		this.heard = false;
		if (this.chance.percent(90)) {
			Signal ready = new Signal.Ready(n);
			this.time.after(this.chance.nanosWithin(60) + (this.chance.percent(10) ? FAR_TOO_LATE : 0),
					() -> tell(ready));
		}
		body(n, this.chance.percent(15) ? createFailed(n) : new Signal.Created(n), 20);
	}

	/** Soon, far too late, or never. */
	private void body(long n, Signal signal, int withinMillis) {
		if (this.chance.percent(3)) {
			this.stuck.add(n);
		}
		else {
			long late = this.chance.percent(10) ? FAR_TOO_LATE : 0;
			say(n, signal, this.chance.nanosWithin(withinMillis) + late);
		}
	}

	private Signal threw(long n) {
		return new Signal.Threw(n, failure(), slowReading(), roll());
	}

	/** To read what was thrown takes a while, now and then. */
	private long slowReading() {
		return this.chance.percent(80) ? 0 : this.chance.nanosWithin(1500);
	}

	private Signal createFailed(long n) {
		return new Signal.CreateFailed(n, failure(), slowReading(), roll());
	}

	private void say(long n, Signal signal, long delay) {
		this.bodies.put(n, new Saying(signal, this.time.after(delay, () -> tell(since(signal)))));
	}

	/** Until it is said, it is only known how long before that it exited. */
	private Signal since(Signal signal) {
		if (signal instanceof Signal.CreateFailed failed) {
			return new Signal.CreateFailed(failed.incarnation(), failed.failure(), this.time.now() - failed.exited(),
					failed.roll());
		}
		return (signal instanceof Signal.Threw threw)
				? new Signal.Threw(threw.incarnation(), threw.failure(), this.time.now() - threw.exited(), threw.roll())
				: signal;
	}

	/** Some incarnations serve a broker, which gives up on something now and then. */
	private void serveInner(long n) {
		if (this.chance.percent(20)) {
			this.inners.put(n, Inner.NONE);
			if (this.chance.percent(30)) {
				this.time.after(this.chance.nanosWithin(2000), () -> giveUpInside(n));
			}
		}
	}

	private void giveUpInside(long n) {
		changeInner(n, 1, this.inners.get(n).closing());
		if (this.chance.percent(5)) {
			this.stuck.add(n);
		}
		else {
			long late = this.chance.percent(10) ? FAR_TOO_LATE : 0;
			this.time.after(this.chance.nanosWithin(5000) + late,
					() -> changeInner(n, -1, this.inners.get(n).closing()));
		}
	}

	/** It takes as long as it takes, but not for ever. */
	private void closeInner(long n) {
		changeInner(n, 0, true);
		for (int givenUp = this.chance.between(0, 3) - 1; givenUp > 0; givenUp--) {
			this.time.after(this.chance.nanosWithin(8000), () -> giveUpInside(n));
		}
		this.time.after(this.chance.nanosWithin(8000), () -> {
			changeInner(n, 0, false);
			this.time.after(this.chance.nanosWithin(20), () -> tell(new Signal.Closed(n)));
		});
	}

	private void changeInner(long n, int more, boolean closing) {
		Inner changed = new Inner(this.inners.get(n).abandoned() + more, closing);
		this.inners.put(n, changed);
		tell(new Signal.InnerChanged(n, changed));
	}

	private void close(long n) {
		if (this.inners.containsKey(n)) {
			this.time.after(this.chance.nanosWithin(5), () -> closeInner(n));
			return;
		}
		if (this.chance.percent(4)) {
			this.stuck.add(n);
		}
		else {
			long late = this.chance.percent(10) ? FAR_TOO_LATE : 0;
			this.time.after(this.chance.nanosWithin(2000) + late, () -> tell(new Signal.Closed(n)));
		}
	}

	/** What the body was about to say it may now say soon. */
	private void hurry(long n) {
		Saying saying = this.bodies.get(n);
		if (saying != null && saying.event.isPending() && this.chance.percent(66)) {
			saying.event.cancel();
			say(n, saying.signal, this.chance.nanosWithin(100));
		}
	}

	private void fire(long timer, long late) {
		beats(60);
		tell(new Signal.TimerFired(timer, late, this.heard, this.lastHeartbeat));
	}

	private void beats(int percent) {
		if (this.chance.percent(percent)) {
			this.heard = true;
			this.lastHeartbeat = Math.max(this.lastHeartbeat, this.time.now() - this.chance.nanosWithin(1000));
		}
	}

	private Failure failure() {
		boolean fatal = this.chance.percent(3);
		return new Failure(new Thrown("boom"), "boom", null, fatal, Fingerprint.of(List.of()));
	}

	private double roll() {
		return this.chance.roll();
	}

	boolean mayStart() {
		boolean may = this.world.brain().mayStart(this.machine);
		claim(may == this.oracle.mayStart(), "G17: start where it makes sense, and only there");
		return may;
	}

	EndpointOracle oracle() {
		return this.oracle;
	}

	/** What never completes stays abandoned, and nothing else does. */
	void checkTheEnd() {
		claim(this.machine.progress == null, "G11: nothing runs in the end");
		for (OracleIncarnationBooks life : this.oracle.abandoned()) {
			claim(this.stuck.contains(life.incarnation), "G10: only what is stuck for ever stays abandoned");
		}
	}

	/** Costs no stack trace. */
	private static final class Thrown extends RuntimeException {

		private static final long serialVersionUID = 1;

		Thrown(String message) {
			super(message, null, false, false);
		}

	}

	private record Saying(Signal signal, SimulationTime.Event event) {
	}

	/**
	 * What a successor takes over.
	 *
	 * @param abandoned how far each has come
	 */
	private record HandedOver(List<Abandoned> abandoned) implements Signal.TakeOver {
	}

}
