package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * A random world around one group: real {@link Admissions} and real
 * {@link EndpointMachine}s, whose incarnations fail, return and close late, operators who
 * stop, start, restart, remove and add members, and messages that take their time. It
 * keeps its own books of what the admissions were told, and holds them to what G27
 * promises.
 */
final class GroupWorld {

	private static final long MILLI = 1_000_000;

	/** After this nothing fails any more, and all must come up. */
	private static final long TROUBLE = 30_000 * MILLI;

	private static final long END = 90_000 * MILLI;

	private final GroupMutant mutant;

	private final SimulationChance chance;

	private final SimulationTime time = new SimulationTime();

	private final AdmissionSettings settings;

	private final EndpointGroup group;

	private final Admissions admissions;

	/** As at a desk, all who wait for an endpoint share what is known of it. */
	private final Map<String, GateWatch> watches = new HashMap<>();

	/** The members in order, then the others. */
	private final Map<String, Player> players = new LinkedHashMap<>();

	private final List<Player> members = new ArrayList<>();

	private long steps;

	GroupWorld(long seed, GroupMutant mutant) {
		this.mutant = mutant;
		this.chance = new SimulationChance(seed);
		this.settings = new AdmissionSettings(Duration.ofMillis(2000), Duration.ofMillis(500), this.chance.percent(30),
				this.chance.percent(60) ? 0 : this.chance.between(1, 2));
		int count = this.chance.between(2, 5);
		GroupStrategy[] strategies = GroupStrategy.values();
		this.group = new EndpointGroup("trade", strategies[this.chance.between(0, strategies.length - 1)],
				IntStream.range(0, count).mapToObj((i) -> "m" + i).toList());
		this.admissions = new Admissions(this.settings, List.of(mutant.group(this.group)));
		int others = this.chance.between(0, 2);
		for (int i = 0; i < others; i++) {
			this.players.put("x" + i, new Player("x" + i, -1, List.of()));
		}
		for (int i = 0; i < count; i++) {
			Player member = new Player("m" + i, i, needs(others, i));
			this.members.add(member);
			this.players.put(member.id, member);
		}
		// Never leaves, so that what is known of those whom others wait for is kept.
		this.admissions
			.on(new DeskSignal.Joined(new Applicant("keeper", List.copyOf(this.watches.values()), (signal) -> {
			}), false), this.time.moment());
	}

	private List<String> needs(int others, int index) {
		List<String> needs = new ArrayList<>();
		if (others > 0 && this.chance.percent(25)) {
			needs.add("x" + this.chance.between(0, others - 1));
		}
		if (index > 0 && this.chance.percent(15)) {
			needs.add("m" + this.chance.between(0, index - 1));
		}
		return needs;
	}

	long play() {
		this.players.values().forEach((player) -> this.time.after(0, player::joins));
		this.players.values().forEach((player) -> this.time.after(this.chance.nanosWithin(5) + 10, player::begins));
		this.time.after(TROUBLE, () -> this.players.values().forEach(Player::recovers));
		while (this.time.now() <= END && this.time.next()) {
			this.steps++;
		}
		for (Player player : this.players.values()) {
			EndpointState last = player.machine.state;
			claim(last == (player.restsForGood ? EndpointState.STOPPED : EndpointState.SERVING),
					"G27: once nothing fails any more, all members serve that no operator has stopped");
		}
		return this.steps;
	}

	private boolean isTrouble() {
		return this.time.now() < TROUBLE;
	}

	// The desk

	/**
	 * The desk is told.
	 * @param byItself whether an incarnation has just ended by itself, to start again
	 */
	private void tell(DeskSignal signal, boolean byItself) {
		note(signal, byItself);
		DeskSignal heard = this.mutant.hear(signal);
		List<DeskAction> actions = new ArrayList<>();
		if (heard != null) {
			this.admissions.on(heard, this.time.moment());
			for (DeskAction next = this.admissions.poll(); next != null; next = this.admissions.poll()) {
				actions.addAll(this.mutant.act(next));
			}
		}
		actions.forEach(this::check);
		checkThatAllAreTold();
		actions.forEach(this::carryOut);
	}

	private void carryOut(DeskAction action) {
		if (action instanceof DeskAction.Tell tell) {
			Player player = Objects.requireNonNull(this.players.get(tell.to().id));
			if (tell.to() == player.applicant) {
				player.isTold(tell.signal());
			}
		}
		else if (action instanceof DeskAction.ArmTurns arm) {
			this.time.after(arm.delay().toNanos(), () -> tell(new DeskSignal.TurnsDue(), false));
		}
	}

	// The books: what the desk knows

	private void note(DeskSignal signal, boolean byItself) {
		if (signal instanceof DeskSignal.Joined joined) {
			player(joined.applicant().id).notes = new Notes(joined.expected());
		}
		else if (signal instanceof DeskSignal.Left left) {
			player(left.id()).notes = new Notes(false);
		}
		else if (signal instanceof DeskSignal.Asked asked) {
			Player player = player(asked.id());
			failed(player, byItself);
			player.notes.asks(asked);
		}
		else if (signal instanceof DeskSignal.Withdrawn withdrawn) {
			player(withdrawn.id()).notes.asksNoMore();
		}
		else if (signal instanceof DeskSignal.Moved moved) {
			Player player = player(moved.id());
			failed(player, byItself);
			boolean anew = moved.state() == EndpointState.DROPPED && player.notes.state != EndpointState.DROPPED;
			player.notes.moves(moved);
			if (anew && player.isMember()) {
				this.members.forEach((member) -> member.notes.hasServed = false);
				this.members.forEach(this::condemn);
			}
		}
		this.players.values().forEach((player) -> player.notes.acquitTheDead());
	}

	private Player player(String id) {
		return Objects.requireNonNull(this.players.get(id));
	}

	private void failed(Player player, boolean byItself) {
		if (!byItself || !player.isMember()) {
			return;
		}
		if (player.notes.isCondemned()) {
			player.notes.pardoned = true;
			return;
		}
		player.notes.guilty = true;
		if (this.group.strategy() == GroupStrategy.ONE_FOR_ONE) {
			return;
		}
		int first = (this.group.strategy() == GroupStrategy.ONE_FOR_ALL) ? 0 : player.index;
		for (Player other : this.members.subList(first, this.members.size())) {
			if (other != player) {
				condemn(other);
			}
		}
		player.notes.condemned.add(player.notes.current());
	}

	private void condemn(Player other) {
		if (other.notes.guilty) {
			other.notes.guilty = false;
			other.notes.pardoned = true;
		}
		if (other.notes.lives()) {
			other.notes.condemned.add(other.notes.current());
		}
	}

	private @Nullable Player lastCondemned() {
		for (int i = this.members.size() - 1; i >= 0; i--) {
			if (this.members.get(i).notes.isCondemned()) {
				return this.members.get(i);
			}
		}
		return null;
	}

	/** Whether the group lets a member launch. */
	private boolean lets(Player player) {
		if (!player.isMember()) {
			return true;
		}
		boolean ordered = this.members.subList(0, player.index).stream().allMatch((earlier) -> {
			boolean up = (this.group.strategy() == GroupStrategy.ONE_FOR_ONE) ? earlier.notes.hasServed
					: earlier.notes.state == EndpointState.SERVING;
			return up || earlier.notes.rests();
		});
		return ordered && lastCondemned() == null
				&& this.members.stream().noneMatch((member) -> member.notes.state == EndpointState.DROPPED);
	}

	private boolean allOpen(Player player) {
		return player.needs.stream().allMatch((need) -> player(need).notes.state == EndpointState.SERVING);
	}

	// What the desk must and must not do

	private void check(DeskAction action) {
		if (action instanceof DeskAction.Tell tell) {
			Player player = player(tell.to().id);
			if (tell.signal() instanceof Signal.Admit admit) {
				check(player, admit);
			}
			else if (tell.signal() instanceof Signal.Bar bar) {
				check(player, bar);
			}
			else if (tell.signal() instanceof Signal.Evict evict) {
				check(player, evict);
			}
		}
	}

	private void check(Player player, Signal.Admit admit) {
		claim(admit.question() == player.notes.question, "G27: one admission for one question");
		claim(allOpen(player), "G27: admitted only when all gates are open");
		claim(!player.isMember() || lastCondemned() == null, "G27: no member starts while one that must end lives");
		claim(lets(player), "G27: members start in order, each when those before it serve");
		claim(!player.notes.pardoned || player.notes.toldPardon,
				"G27: an error of a member that another one takes along does not count");
		player.notes.admitted();
		player.admittedWithPardon = player.notes.toldPardon;
	}

	private void check(Player player, Signal.Bar bar) {
		claim(bar.question() == player.notes.question, "G27: only who asks is barred");
		claim(!bar.why().equals(player.notes.lastBar) || (bar.explains() && !player.notes.toldPardon),
				"G27: the same is not said twice");
		player.notes.lastBar = bar.why();
		player.notes.toldPardon |= bar.explains();
		if (bar.why().startsWith("group")) {
			claim(bar.explains() == player.notes.pardoned,
					"G27: an error of a member that another one takes along does not count, any other does");
			String named = this.members.stream()
				.filter((member) -> bar.why().contains("member '" + member.id + "' is " + member.notes.state))
				.map((member) -> member.id)
				.collect(Collectors.joining());
			claim(!lets(player) == !named.isEmpty(), "G27: the bar names the member that bars, and its state");
		}
	}

	private void check(Player player, Signal.Evict evict) {
		boolean byGate = this.settings.evicts() && !allOpen(player);
		boolean byGroup = player.notes.condemned.contains(evict.incarnation()) && player == lastCondemned();
		claim(byGate || byGroup, "G27: closed are those whom the strategy takes along, the last first");
		claim(byGate || player.notes.evicted != evict.incarnation(), "G27: a member is told once to end");
		if (byGroup) {
			player.notes.evicted = evict.incarnation();
		}
	}

	private void checkThatAllAreTold() {
		Player last = lastCondemned();
		claim(last == null || !last.notes.isSeenToRun() || last.notes.evicted == last.notes.incarnation,
				"G27: the last one that must end is told so");
		long starting = this.players.values().stream().filter((player) -> player.notes.starts()).count();
		for (Player player : this.players.values()) {
			if (player.notes.question == 0 || !allOpen(player)) {
				continue;
			}
			boolean mayStart = lets(player);
			claim(mayStart || (player.notes.lastBar != null && !player.notes.lastBar.startsWith("its turn")),
					"G27: who waits for its group is told so");
			boolean turn = !this.settings.limitsStarts() || player.notes.requested
					|| starting < this.settings.mostStarting();
			claim(!mayStart || !turn, "G27: admitted as soon as gates, group and turn allow");
		}
	}

	/** What the desk was told of one endpoint. */
	private static final class Notes {

		private final boolean expected;

		private EndpointState state = EndpointState.REGISTERED;

		private long incarnation;

		private long question;

		private boolean requested;

		/** Told that it may start, and not seen to. */
		private boolean pending;

		private boolean hasServed;

		private boolean guilty;

		private boolean pardoned;

		private boolean toldPardon;

		private @Nullable String lastBar;

		private long evicted;

		private final Set<Long> condemned = new HashSet<>();

		Notes(boolean expected) {
			this.expected = expected;
		}

		void asks(DeskSignal.Asked asked) {
			this.question = asked.question();
			this.requested = asked.requested();
			this.state = EndpointState.WAITING;
			this.pending = false;
			this.lastBar = null;
			this.toldPardon = false;
		}

		void asksNoMore() {
			this.question = 0;
			this.pending = false;
		}

		void admitted() {
			this.question = 0;
			this.pending = true;
		}

		void moves(DeskSignal.Moved moved) {
			this.state = moved.state();
			this.incarnation = moved.incarnation();
			if (moved.state() != EndpointState.WAITING) {
				this.pending = false;
			}
			if (moved.state() == EndpointState.STARTING) {
				this.pardoned = false;
			}
			if (moved.state() == EndpointState.SERVING && !isCondemned()) {
				this.hasServed = true;
				this.guilty = false;
			}
			if (rests() || moved.state() == EndpointState.DROPPED) {
				this.guilty = false;
				this.pardoned = false;
			}
		}

		long current() {
			return this.pending ? this.incarnation + 1 : this.incarnation;
		}

		boolean lives() {
			return this.pending || isSeenToRun() || this.state == EndpointState.CLOSING;
		}

		boolean isSeenToRun() {
			return this.state == EndpointState.STARTING || this.state == EndpointState.SERVING;
		}

		boolean isCondemned() {
			return this.condemned.contains(current());
		}

		boolean rests() {
			return this.state == EndpointState.STOPPED || this.state == EndpointState.FINISHED
					|| (this.state == EndpointState.REGISTERED && !this.expected);
		}

		boolean starts() {
			return this.pending || this.state == EndpointState.STARTING;
		}

		void acquitTheDead() {
			if (!lives()) {
				this.condemned.clear();
			}
		}

	}

	/**
	 * An endpoint with its real machine. Its messages and those to it arrive late, but in
	 * their order.
	 */
	private final class Player {

		private final String id;

		private final int index;

		private final List<String> needs;

		private Notes notes = new Notes(false);

		private Applicant applicant;

		private EndpointMachine machine;

		private SimulationTime.@Nullable Event timer;

		private long sent;

		private long received;

		/** Whether an operator has stopped it and never starts it again. */
		private boolean restsForGood;

		/** Whether it is being removed. */
		private boolean isRemoved;

		private boolean isGone;

		/** Whether the current wait was led to by an error. */
		private boolean cameWithError;

		private boolean takenBack;

		/** What the desk had said when it admitted. */
		private boolean admittedWithPardon;

		Player(String id, int index, List<String> needs) {
			this.id = id;
			this.index = index;
			this.needs = needs;
			this.applicant = applicant();
			this.machine = machine();
		}

		boolean isMember() {
			return this.index >= 0;
		}

		private Applicant applicant() {
			List<GateWatch> gates = this.needs.stream()
				.map((need) -> GroupWorld.this.watches.computeIfAbsent(need,
						(id) -> new GateWatch("endpoint/" + id, new ServingGate(id))))
				.toList();
			return new Applicant(this.id, gates, (signal) -> {
			});
		}

		private EndpointMachine machine() {
			SimulationChance dice = GroupWorld.this.chance;
			boolean limited = dice.percent(40);
			Duration delay = dice.percent(40) ? Duration.ZERO : dice.millis(1, 400);
			EndpointOptions options = EndpointOptions.builder()
				.closeTimeout(dice.millis(1, 800))
				.explicitReady(true)
				.autoStart(dice.percent(85))
				.replaceAbandoned(dice.percent(80))
				.restartPolicy(RestartPolicy.builder()
					.mode(dice.percent(60) ? RestartMode.ON_FAILURE
							: dice.percent(85) ? RestartMode.ALWAYS : RestartMode.NEVER)
					.allowedConsecutiveErrors(limited ? dice.between(1, 4) : RestartPolicy.UNLIMITED)
					.errorWindow(Duration.ofHours(1))
					.backoff(Backoff.builder().delay(delay).maxDelay(delay).multiplier(1).jitter(Duration.ZERO).build())
					.reviveAfter(dice.percent(50) ? dice.millis(1, 3000) : null)
					.build())
				.build();
			return EndpointMachine.registered(this.id, options, true, true, GroupWorld.this.time.moment());
		}

		void joins() {
			send(new DeskSignal.Joined(this.applicant, this.machine.shouldRun), false);
			this.needs.forEach((need) -> after(10 * MILLI, () -> player(need).tellsWhereItIs()));
		}

		private void tellsWhereItIs() {
			if (!this.isGone) {
				send(new DeskSignal.Moved(this.id, this.machine.state, this.machine.incarnation, false,
						this.machine.hasFailed()), false);
			}
		}

		void begins() {
			tell(new Signal.Begin());
			after(GroupWorld.this.chance.nanosWithin(10_000) + 1, this::operate);
		}

		private void after(long delay, Runnable what) {
			GroupWorld.this.time.after(delay, what);
		}

		// An operator

		private void operate() {
			if (!isTrouble()) {
				return;
			}
			int what = GroupWorld.this.chance.between(0, 99);
			if (this.isRemoved) {
				return;
			}
			if (this.machine.mayStart() && what < 70) {
				tell(new Signal.Start());
			}
			else if (what < 25) {
				tell(new Signal.Stop());
			}
			else if (what < 50) {
				tell(new Signal.Restart());
			}
			else if (what < 60) {
				this.isRemoved = true;
				tell(new Signal.Terminate());
				leaveIfOver();
			}
			after(GroupWorld.this.chance.nanosWithin(10_000) + 1, this::operate);
		}

		private void leaveIfOver() {
			if (this.isRemoved && this.machine.isOver()) {
				send(new DeskSignal.Left(this.id), false);
				after(GroupWorld.this.chance.nanosWithin(5000) + 10 * MILLI, this::isAddedAgain);
				this.isRemoved = false;
				this.isGone = true;
			}
		}

		private void isAddedAgain() {
			this.isGone = false;
			this.applicant = applicant();
			this.machine = machine();
			this.cameWithError = false;
			joins();
			begins();
			if (!isTrouble()) {
				recovers();
			}
		}

		/** Nothing fails any more, and operators start what they have not given up. */
		void recovers() {
			if (this.isRemoved || this.machine.terminating) {
				return;
			}
			boolean needed = GroupWorld.this.players.values()
				.stream()
				.anyMatch((other) -> other.needs.contains(this.id));
			this.restsForGood = !needed && GroupWorld.this.chance.percent(15);
			if (this.restsForGood) {
				tell(new Signal.Stop());
			}
			else if (this.machine.mayStart()) {
				tell(new Signal.Start());
			}
			else {
				// Later: it may just be finishing, or being dropped.
				after(5000 * MILLI, () -> {
					if (this.machine.mayStart() && !this.machine.terminating) {
						tell(new Signal.Start());
					}
				});
			}
		}

		// Messages

		private void send(DeskSignal signal, boolean byItself) {
			this.sent = Math.max(this.sent + 1, GroupWorld.this.time.now() + GroupWorld.this.chance.nanosWithin(3));
			after(this.sent - GroupWorld.this.time.now(), () -> GroupWorld.this.tell(signal, byItself));
		}

		void isTold(Signal signal) {
			EndpointMachine meant = this.machine;
			this.received = Math.max(this.received + 1,
					GroupWorld.this.time.now() + GroupWorld.this.chance.nanosWithin(3));
			after(this.received - GroupWorld.this.time.now(), () -> {
				if (this.machine.options == meant.options) {
					tell(signal);
				}
			});
		}

		private void later(int millis, Signal signal) {
			EndpointMachine meant = this.machine;
			after(GroupWorld.this.chance.nanosWithin(millis) + 1, () -> {
				if (this.machine.options == meant.options) {
					tell(signal);
				}
			});
		}

		private void tell(Signal signal) {
			EndpointMachine before = this.machine;
			if (before.isOver()) {
				return;
			}
			Step step = before.on(signal, GroupWorld.this.time.moment());
			EndpointMachine after = step.machine();
			this.machine = after;
			checkErrors(before, signal, after);
			boolean byItself = (before.state == EndpointState.STARTING || before.state == EndpointState.SERVING)
					&& endsByItself(signal) && after.past.lastDecision() != before.past.lastDecision()
					&& Objects.requireNonNull(after.past.lastDecision()).restarts();
			for (Action action : step.actions()) {
				if (action instanceof Action.Ask ask) {
					this.cameWithError = after.afterClose instanceof AfterClose.Launch launch && launch.afterError();
					this.takenBack = false;
					send(new DeskSignal.Asked(this.id, ask.question(), ask.requested()), byItself);
					byItself = false;
				}
				else if (action instanceof Action.Withdraw withdrawal) {
					send(new DeskSignal.Withdrawn(this.id, withdrawal.question()), false);
				}
				else {
					carryOut(action);
				}
			}
			if (after.state != before.state || after.incarnation != before.incarnation) {
				send(new DeskSignal.Moved(this.id, after.state, after.incarnation, false, after.hasFailed()), byItself);
			}
			leaveIfOver();
		}

		private static boolean endsByItself(Signal signal) {
			return signal instanceof Signal.Threw || signal instanceof Signal.Returned
					|| signal instanceof Signal.CreateFailed;
		}

		private void checkErrors(EndpointMachine before, Signal signal, EndpointMachine after) {
			int fewer = before.past.consecutiveErrors() - after.past.consecutiveErrors();
			if (signal instanceof Signal.Bar bar) {
				claim(fewer == 0 || (fewer == 1 && bar.explains()), "G27: only an explained error is taken back, once");
				this.takenBack |= fewer == 1;
			}
			if (signal instanceof Signal.Admit && after.state == EndpointState.STARTING && this.cameWithError) {
				claim(this.takenBack == this.admittedWithPardon,
						"G27: an error of a member that another one takes along does not count, any other does");
			}
		}

		// What surrounds the machine

		private void carryOut(Action action) {
			SimulationChance dice = GroupWorld.this.chance;
			if (action instanceof Action.Launch launch) {
				boolean fails = isTrouble() && dice.percent(10);
				later(100, fails ? new Signal.CreateFailed(launch.incarnation(), boom(), 0, 0)
						: new Signal.Created(launch.incarnation()));
			}
			else if (action instanceof Action.Serve serve) {
				later(500, new Signal.Ready(serve.incarnation()));
				if (isTrouble()) {
					endsByChance(serve.incarnation());
				}
			}
			else if (action instanceof Action.Close close) {
				later(dice.percent(95) ? 300 : 4000, new Signal.Closed(close.incarnation()));
			}
			else if (action instanceof Action.CloseAside close) {
				later(dice.percent(95) ? 300 : 4000, new Signal.Closed(close.incarnation()));
				later(dice.percent(95) ? 300 : 4000, new Signal.Returned(close.incarnation(), 0));
			}
			else if (action instanceof Action.Arm arm) {
				cancelTimer();
				this.timer = GroupWorld.this.time.after(arm.delay().toNanos(),
						() -> tell(new Signal.TimerFired(arm.timer(), 0, false, 0)));
			}
			else if (action instanceof Action.Disarm) {
				cancelTimer();
			}
		}

		private void cancelTimer() {
			if (this.timer != null) {
				this.timer.cancel();
			}
		}

		private void endsByChance(long n) {
			SimulationChance dice = GroupWorld.this.chance;
			EndpointMachine meant = this.machine;
			long within = dice.percent(30) ? dice.nanosWithin(400) : dice.nanosWithin(12_000);
			Signal end = dice.percent(20) ? new Signal.Returned(n, 0) : null;
			after(within, () -> {
				boolean runs = this.machine.state == EndpointState.STARTING
						|| this.machine.state == EndpointState.SERVING;
				if (isTrouble() && this.machine.options == meant.options && this.machine.incarnation == n && runs) {
					tell((end != null) ? end
							: new Signal.Threw(n, boom(), GroupWorld.this.time.now(), GroupWorld.this.chance.roll()));
				}
			});
		}

		private Failure boom() {
			boolean fatal = GroupWorld.this.chance.percent(2);
			return new Failure(BOOM, "boom", null, fatal, Fingerprint.of(List.of()));
		}

	}

	private static final Throwable BOOM = new Throwable("boom", null, false, false) {

		private static final long serialVersionUID = 1;

	};

}
