package dev.cider.broker.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

import org.jspecify.annotations.Nullable;

/**
 * A random world of some nodes that share one lease: their clocks drift, some stand still
 * for a time, the store is slow, down or cut off, and its answers are late or lost, while
 * its changes may be made late or twice. Keeps its own books of who may run.
 */
final class LeaseWorld {

	private static final long MILLION = 1_000_000;

	private static final long MILLI = MILLION;

	/** After this nothing is broken any more, and one node must run the endpoint. */
	private static final long TROUBLE = 200_000 * MILLI;

	/** No call hangs longer. */
	private static final int HANGS = 20_000;

	private static final long END = 300_000 * MILLI;

	private final LeaseMutant mutant;

	private final SplittableRandom random;

	private final Duration duration;

	private final Duration renewEvery;

	private final Duration storeTimeout;

	private final Duration closeTimeout;

	private final PriorityQueue<Event> events = new PriorityQueue<>();

	private final List<Node> nodes = new ArrayList<>();

	/** How long the store takes when all is well, in milliseconds. */
	private final int latency;

	private final int trouble;

	private final boolean vandal;

	private long now;

	private long order;

	private long steps;

	private @Nullable String text;

	private boolean down;

	private long storeToken;

	private long admittedToken;

	private @Nullable Node lastAdmitted;

	/** When nobody disturbs anything any more. */
	private long calm = Long.MAX_VALUE;

	LeaseWorld(long seed, LeaseMutant mutant) {
		this.mutant = mutant;
		this.random = new SplittableRandom(seed);
		this.closeTimeout = Duration.ofMillis(between(50, 4000));
		this.renewEvery = Duration.ofMillis(between(500, 3000));
		this.storeTimeout = Duration.ofMillis(between(300, 2000));
		this.duration = this.renewEvery.plus(this.storeTimeout)
			.plus(this.closeTimeout)
			.plusMillis(1001 + between(0, 4000));
		this.trouble = between(0, 3) * 10;
		this.vandal = percent(5);
		this.latency = percent(50) ? 5 : 100;
		for (int i = 0, count = between(2, 5); i < count; i++) {
			this.nodes.add(new Node("node-" + i + "~" + i));
		}
	}

	private boolean percent(int percent) {
		return this.random.nextInt(100) < percent;
	}

	private int between(int least, int most) {
		return this.random.nextInt(least, most + 1);
	}

	private long within(int millis) {
		return this.random.nextLong(MILLI * millis + 1);
	}

	private boolean isTrouble() {
		return this.now < TROUBLE;
	}

	private void at(long delay, Runnable event) {
		this.events.add(new Event(this.now + delay, this.order++, event));
	}

	static void claim(boolean holds, String promise) {
		if (!holds) {
			throw new AssertionError("Lease: " + promise);
		}
	}

	long play() {
		for (Node node : this.nodes) {
			node.after(within(3000), node::ask);
			at(within(30_000), node::suffer);
			at(within(30_000), node::operate);
		}
		at(within(60_000), this::breakStore);
		if (this.vandal) {
			at(within(100_000), () -> this.text = "vandal");
			at(TROUBLE - 1, () -> {
				claim("vandal".equals(this.text), "a text that was not written by a node is not replaced");
				this.storeToken++;
				this.text = new LeaseText(null, this.storeToken, 0, this.duration, 0, null).format();
			});
		}
		at(TROUBLE, () -> {
			this.down = false;
			this.nodes.forEach(Node::recover);
		});
		// Calls that hang, and what was abandoned, end first.
		this.calm = TROUBLE + HANGS * 2 * MILLI;
		long bound = this.calm + (this.duration.toNanos() + this.renewEvery.toNanos()) * 102 / 100 + 1000 * MILLI;
		at(this.calm - this.now, this::killHolder);
		at(bound, this::checkThatOneRuns);
		while (!this.events.isEmpty() && this.events.peek().at <= END) {
			Event event = this.events.remove();
			this.now = event.at;
			event.task.run();
		}
		checkThatOneRuns();
		return this.steps;
	}

	private void checkThatOneRuns() {
		int running = 0;
		for (Node node : this.nodes) {
			running += (node.running != 0 && !node.closing && this.now >= node.pausedUntil) ? 1 : 0;
		}
		claim(running == 1, "exactly one node runs it within duration + renewEvery once nothing is broken");
	}

	/** Its process ends: nobody hears of it again. */
	private void killHolder() {
		for (Node node : this.nodes) {
			if (node.running != 0) {
				node.pausedUntil = END + 1;
				node.stalled = true;
				return;
			}
		}
	}

	private void breakStore() {
		if (isTrouble()) {
			this.down = !this.down && this.trouble > 0;
			at(within(this.down ? 30_000 : 60_000), this::breakStore);
		}
	}

	/** A compare-and-set reaches the store. */
	private boolean compareAndSet(@Nullable String expected, LeaseText next) {
		if (!Objects.equals(this.text, expected)) {
			return false;
		}
		boolean changes = expected == null || next.token() != this.storeToken;
		claim(next.token() >= this.storeToken, "the token never goes down");
		if (next.holder() != null && expected != null) {
			String before = LeaseText.parse(expected).holder();
			claim(next.holder().equals(before) || changes, "the token grows with each change of holder");
		}
		this.storeToken = next.token();
		this.text = next.format();
		return true;
	}

	private record Event(long at, long order, Runnable task) implements Comparable<Event> {

		@Override
		public int compareTo(Event other) {
			int byTime = Long.compare(this.at, other.at);
			return (byTime != 0) ? byTime : Long.compare(this.order, other.order);
		}

	}

	/**
	 * A node with its clock, its way to the store, and its endpoint.
	 */
	private final class Node {

		private final String id;

		private final LeaseSettings settings;

		/** How fast its clock is, in millionths. */
		private final long drift = percent(60) ? (percent(50) ? 10_000 : -10_000) : between(-10_000, 10_000);

		private final long offset = LeaseWorld.this.random.nextLong();

		private LeaseMachine machine;

		private long pausedUntil;

		/** Whether it has made no step since its pause. */
		private boolean stalled;

		private boolean cut;

		// The books

		private int reads;

		private int changes;

		private boolean sawDamage;

		/**
		 * Whether a change was under way during the read, which then counts for nothing.
		 */
		private boolean changedInRead;

		private long lastTimer;

		// The endpoint

		private long questions;

		private long asking;

		private @Nullable String barred;

		private long running;

		private boolean closing;

		private boolean abandoned;

		/** Whether everybody was told that it may run although the lease has ended. */
		private boolean overrun;

		private boolean stopped;

		private boolean validBefore;

		/** Whether the node stood still while its endpoint ran. */
		private boolean pausedInRun;

		Node(String id) {
			this.id = id;
			this.settings = new LeaseSettings(id, LeaseWorld.this.duration, LeaseWorld.this.renewEvery,
					LeaseWorld.this.storeTimeout, LeaseWorld.this.closeTimeout);
			this.machine = new LeaseMachine(this.settings, LeaseWorld.this.mutant.timing(this.settings));
		}

		private long clock() {
			long time = LeaseWorld.this.now;
			return this.offset + time + time / 1000 * this.drift / 1000;
		}

		/** After how much time a delay on its clock has passed. */
		private long real(long delay) {
			return delay * MILLION / (MILLION + this.drift) + 2000;
		}

		private void ifRunning(Runnable task) {
			if (LeaseWorld.this.now < this.pausedUntil) {
				LeaseWorld.this.at(this.pausedUntil - LeaseWorld.this.now, () -> ifRunning(task));
			}
			else {
				task.run();
			}
		}

		private void after(long delay, Runnable task) {
			LeaseWorld.this.at(delay, () -> ifRunning(task));
		}

		// Its troubles

		private void suffer() {
			if (!isTrouble()) {
				return;
			}
			if (percent(LeaseWorld.this.trouble)) {
				long pause = within(percent(50) ? 2000 : 30_000);
				this.pausedUntil = Math.min(TROUBLE, LeaseWorld.this.now + pause);
				this.stalled = true;
				this.pausedInRun = true;
				at(this.pausedUntil - LeaseWorld.this.now, () -> tell(new LeaseSignal.LoadChanged(between(0, 9))));
			}
			this.cut = percent(LeaseWorld.this.trouble);
			at(within(20_000) + 1, this::suffer);
		}

		private void operate() {
			if (!isTrouble()) {
				return;
			}
			ifRunning(() -> {
				if (!isTrouble()) {
					return;
				}
				if (this.stopped) {
					this.stopped = false;
					ask();
				}
				else if (percent(30)) {
					tell(new LeaseSignal.StepDown());
				}
				else if (percent(50)) {
					stop();
				}
			});
			at(within(60_000) + 1, this::operate);
		}

		private void recover() {
			this.cut = false;
			this.pausedUntil = 0;
			tell(new LeaseSignal.LoadChanged(1));
			if (this.stopped) {
				this.stopped = false;
				ask();
			}
		}

		// Its endpoint

		private void ask() {
			if (this.stopped || this.asking != 0 || this.running != 0) {
				return;
			}
			this.questions++;
			this.asking = this.questions;
			this.barred = null;
			tell(new LeaseSignal.Asked(this.questions));
		}

		private void stop() {
			this.stopped = true;
			this.asking = 0;
			tell(new LeaseSignal.Withdrawn());
			close();
		}

		private void close() {
			if (this.running == 0 || this.closing || this.abandoned) {
				return;
			}
			this.closing = true;
			long n = this.running;
			long limit = this.settings.closing().toNanos();
			if (isTrouble() && percent(LeaseWorld.this.trouble / 3)) {
				after(real(limit) - 10_000, () -> abandon(n));
			}
			else {
				after(percent(30) ? real(limit) - 10_000 : within((int) (limit / MILLI * 9 / 10)), () -> end(n));
			}
		}

		private void abandon(long n) {
			if (this.running == n) {
				this.abandoned = true;
				tell(new LeaseSignal.Abandoned(n));
				at(within(15_000), () -> ifRunning(() -> end(n)));
			}
		}

		private void end(long n) {
			if (this.running != n) {
				return;
			}
			this.running = 0;
			this.closing = false;
			this.abandoned = false;
			this.overrun = false;
			tell(new LeaseSignal.Ended(n));
			// At once, or after a pause in which the lease is kept.
			after(percent(50) ? 0 : within(1500), this::ask);
		}

		private void crash(long n) {
			if (isTrouble() && this.running == n && !this.closing) {
				if (percent(20)) {
					stop();
				}
				else {
					end(n);
				}
			}
		}

		// Its machine

		private void tell(LeaseSignal signal) {
			if (LeaseWorld.this.now < this.pausedUntil) {
				LeaseWorld.this.at(this.pausedUntil - LeaseWorld.this.now, () -> tell(signal));
				return;
			}
			LeaseSignal heard = LeaseWorld.this.mutant.hear(signal);
			if (heard == null) {
				return;
			}
			LeaseWorld.this.steps++;
			boolean ranOut = this.validBefore && this.running != 0 && !this.abandoned && !this.overrun
					&& !this.machine.isValid(clock());
			if (signal instanceof LeaseSignal.WasRead read) {
				this.sawDamage = "vandal".equals(read.text()) && !this.changedInRead;
			}
			LeaseStep step = this.machine.on(heard, clock(), Instant.EPOCH);
			this.machine = step.next();
			this.stalled = false;
			List<LeaseAction> actions = new ArrayList<>();
			for (LeaseAction action : step.actions()) {
				actions.addAll(LeaseWorld.this.mutant.act(action, LeaseWorld.this.text));
			}
			boolean told = false;
			for (LeaseAction action : actions) {
				told |= action instanceof LeaseAction.Overrun;
				carryOut(action);
			}
			claim(!ranOut || told, "an overrun is noticed at the first step after a pause");
			claim(this.asking == 0 || this.barred != null || this.running != 0,
					"who asks is admitted, or told why not");
			this.validBefore = this.machine.isValid(clock());
			checkHolders();
		}

		private void carryOut(LeaseAction action) {
			if (action instanceof LeaseAction.Admit admit) {
				admit(admit);
			}
			else if (action instanceof LeaseAction.Bar bar) {
				claim(bar.question() == this.asking, "only who asks is barred");
				claim(!bar.why().equals(this.barred), "the same is not said twice");
				this.barred = bar.why();
			}
			else if (action instanceof LeaseAction.CloseNow close) {
				claim(close.question() == this.running && !this.abandoned, "what lives is closed, and once");
				close();
			}
			else if (action instanceof LeaseAction.Overrun told) {
				claim(told.question() == this.running, "an overrun is of what lives");
				claim(this.abandoned || this.pausedInRun || LeaseWorld.this.vandal,
						"without a pause an endpoint closes in time");
				this.overrun = true;
			}
			else if (action instanceof LeaseAction.Arm arm) {
				this.lastTimer = arm.timer();
				after(real(arm.nanos()), () -> {
					if (arm.timer() == this.lastTimer) {
						tell(new LeaseSignal.TimerFired(arm.timer()));
					}
				});
			}
			else if (action instanceof LeaseAction.Read read) {
				claim(this.reads == 0, "one read at a time");
				claim(this.asking != 0 || this.running != 0 || this.machine.isHeld(), "who wants no lease reads none");
				this.reads++;
				this.changedInRead = this.changes > 0;
				new Call(this, read.call(), null).start();
			}
			else if (action instanceof LeaseAction.CompareAndSet change) {
				change(change);
			}
		}

		private void change(LeaseAction.CompareAndSet change) {
			claim(this.changes == 0, "one change at a time");
			claim(!this.sawDamage, "a text that was not written by a node is not replaced");
			claim(!this.abandoned, "no lease is renewed or released while what was abandoned lives");
			if (change.next().holder() == null) {
				claim(this.running == 0, "released only after the close has ended");
			}
			else if (!this.machine.isHeld()) {
				claim(this.asking != 0, "who does not ask takes no lease");
			}
			this.changes++;
			this.changedInRead |= this.reads > 0;
			new Call(this, change.call(), change).start();
		}

		private void admit(LeaseAction.Admit admit) {
			claim(admit.question() == this.asking, "one admission for one question");
			claim(this.running == 0, "nothing is admitted beside what lives");
			claim(this.machine.isValid(clock()), "admitted only while the lease is valid");
			Node before = LeaseWorld.this.lastAdmitted;
			claim((before == this) ? admit.token() >= LeaseWorld.this.admittedToken
					: admit.token() > LeaseWorld.this.admittedToken, "the token grows with each change of holder");
			LeaseWorld.this.lastAdmitted = this;
			LeaseWorld.this.admittedToken = admit.token();
			this.asking = 0;
			this.running = admit.question();
			this.pausedInRun = false;
			long n = this.running;
			if (isTrouble()) {
				after(within(60_000), () -> crash(n));
			}
		}

		private void checkHolders() {
			int valid = 0;
			for (Node node : LeaseWorld.this.nodes) {
				boolean holds = node.machine.isValid(node.clock());
				valid += holds ? 1 : 0;
				claim(holds || node.running == 0 || node.abandoned || node.overrun || node.stalled,
						"what runs has ended, or is abandoned, before its lease ends");
			}
			claim(valid <= 1, "there are never two valid holders");
		}

		boolean isReachable() {
			return !this.cut && !LeaseWorld.this.down;
		}

		void answered(boolean read, LeaseSignal answer) {
			ifRunning(() -> {
				if (read) {
					this.reads--;
				}
				else {
					this.changes--;
				}
				tell(answer);
			});
		}

	}

	/**
	 * A call to the store.
	 */
	private final class Call {

		private final Node node;

		private final long number;

		private final LeaseAction.@Nullable CompareAndSet change;

		Call(Node node, long number, LeaseAction.@Nullable CompareAndSet change) {
			this.node = node;
			this.number = number;
			this.change = change;
		}

		void start() {
			boolean luck = !isTrouble() || !percent(LeaseWorld.this.trouble);
			if (luck) {
				at(within(LeaseWorld.this.latency), () -> arrive(within(LeaseWorld.this.latency)));
				return;
			}
			switch (between(0, 5)) {
				// Lost on the way there.
				case 0 -> fail(within(HANGS));
				// Lost on the way back.
				case 1 -> {
					at(within(500), this::apply);
					fail(500 * MILLI + within(HANGS));
				}
				// Made after it has failed.
				case 2 -> {
					fail(within(1000));
					at(within(HANGS), this::apply);
				}
				// Made twice.
				case 3 -> {
					at(within(100), () -> arrive(within(3000)));
					at(within(HANGS), this::apply);
				}
				// Slow there, slow back.
				case 4 -> at(within(5000), () -> arrive(within(100)));
				default -> at(within(100), () -> arrive(within(10_000)));
			}
		}

		private void fail(long delay) {
			at(delay,
					() -> this.node.answered(this.change == null, new LeaseSignal.Failed(this.number, "it is broken")));
		}

		private boolean apply() {
			return this.change != null && LeaseWorld.this.compareAndSet(this.change.expected(), this.change.next());
		}

		private void arrive(long back) {
			if (!this.node.isReachable()) {
				// Refused, or a black hole.
				fail(percent(50) ? 0 : within(HANGS));
				return;
			}
			LeaseSignal answer = (this.change == null) ? new LeaseSignal.WasRead(this.number, LeaseWorld.this.text)
					: new LeaseSignal.WasCompared(this.number, apply());
			at(back, () -> this.node.answered(this.change == null, answer));
		}

	}

}
