package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * A random world around the {@link Admissions}: endpoints that start, crash, finish and
 * are stopped, gates that open, shut and hang, and messages that take their time. It
 * keeps its own books and holds the admissions to what G25 and G26 promise.
 */
final class AdmissionsWorld {

	private static final long MILLI = 1_000_000;

	/** After this nothing is broken any more, and all must come up. */
	private static final long TROUBLE = 60_000 * MILLI;

	private static final long END = 120_000 * MILLI;

	private final AdmissionsMutant mutant;

	private final SimulationChance chance;

	private final AdmissionSettings settings;

	private final Admissions admissions;

	private final Map<String, Player> players = new LinkedHashMap<>();

	private final List<ToyWatch> gates = new ArrayList<>();

	/** One for each endpoint on which others depend. */
	private final Map<String, GateWatch> served = new LinkedHashMap<>();

	/** The gates of endpoints that the desk knows, and whether it knows them open. */
	private final Map<GateWatch, Boolean> known = new LinkedHashMap<>();

	private final TreeMap<Long, List<Runnable>> events = new TreeMap<>();

	private long now;

	private long steps;

	AdmissionsWorld(long seed, AdmissionsMutant mutant) {
		this.mutant = mutant;
		this.chance = new SimulationChance(seed);
		this.settings = new AdmissionSettings(Duration.ofMillis(2000), Duration.ofMillis(500), this.chance.percent(30),
				this.chance.percent(50) ? 0 : this.chance.between(1, 3));
		this.admissions = new Admissions(this.settings, List.of());
		for (int i = this.chance.between(0, 3); i > 0; i--) {
			this.gates.add(new ToyWatch("gate-" + i));
		}
		for (int i = 0, count = this.chance.between(1, 8); i < count; i++) {
			addPlayer("endpoint-" + i, i);
		}
	}

	private void addPlayer(String id, int earlier) {
		List<GateWatch> needs = new ArrayList<>();
		for (ToyWatch gate : this.gates) {
			if (this.chance.percent(60)) {
				needs.add(gate.watch);
			}
		}
		if (earlier > 0 && this.chance.percent(30)) {
			String other = "endpoint-" + this.chance.between(0, earlier - 1);
			needs.add(new GateWatch("endpoint/" + other, new ServingGate(other)));
		}
		while (earlier > 0 && this.chance.percent(30)) {
			String other = "endpoint-" + this.chance.between(0, earlier - 1);
			GateWatch once = this.served.computeIfAbsent(other,
					(any) -> new GateWatch("depends-on/" + other, new ServedGate(other)));
			if (!needs.contains(once)) {
				needs.add(once);
			}
		}
		this.players.put(id, new Player(id, needs));
	}

	long play() {
		this.players.values()
			.forEach((player) -> at(this.chance.percent(70) ? 0 : this.chance.nanosWithin(30_000), player::join));
		this.gates.forEach((gate) -> at(this.chance.nanosWithin(5000), gate::turn));
		at(TROUBLE, () -> {
			this.gates.forEach(ToyWatch::recover);
			this.players.values().forEach(Player::recover);
		});
		while (!this.events.isEmpty() && this.events.firstKey() <= END) {
			Map.Entry<Long, List<Runnable>> next = this.events.firstEntry();
			this.now = next.getKey();
			Runnable event = next.getValue().remove(0);
			if (next.getValue().isEmpty()) {
				this.events.remove(next.getKey());
			}
			event.run();
		}
		checkTheEnd();
		return this.steps;
	}

	private void checkTheEnd() {
		for (Player player : this.players.values()) {
			claim(player.state == EndpointState.SERVING, "G25: whose gates are all open comes up, in its turn");
		}
		claim(this.settings.evicts() || this.gates.stream().noneMatch((gate) -> gate.lastAsked > END - 20_000 * MILLI),
				"G25: nobody asks a gate for which no endpoint waits");
	}

	private void at(long delay, Runnable event) {
		this.events.computeIfAbsent(this.now + delay, (time) -> new ArrayList<>()).add(event);
	}

	// The desk

	private void tell(DeskSignal signal) {
		DeskSignal heard = this.mutant.hear(signal);
		this.steps++;
		note(signal);
		if (heard == null) {
			return;
		}
		Moment moment = Moment.of(this.now, Instant.EPOCH.plusNanos(this.now));
		this.admissions.on(heard, moment);
		List<DeskAction> actions = new ArrayList<>();
		for (DeskAction next = this.admissions.poll(); next != null; next = this.admissions.poll()) {
			actions.addAll(this.mutant.act(next));
		}
		actions.forEach(this::check);
		checkThatAllAreTold(signal, actions);
		actions.forEach(this::carryOut);
	}

	/** Keeps the books of what the desk knows. */
	private void note(DeskSignal signal) {
		if (signal instanceof DeskSignal.Asked asked) {
			Player player = this.players.get(asked.id());
			player.knownQuestion = asked.question();
			player.knownRequested = asked.requested();
			player.openSince.clear();
			player.lastBar = null;
			player.askedAt = this.steps;
			player.slot = false;
		}
		else if (signal instanceof DeskSignal.Withdrawn withdrawn) {
			Player player = this.players.get(withdrawn.id());
			if (player.knownQuestion == withdrawn.question()) {
				player.knownQuestion = 0;
			}
			player.slot = false;
		}
		else if (signal instanceof DeskSignal.Moved moved) {
			Player player = this.players.get(moved.id());
			player.knownState = moved.state();
			player.knownIncarnation = moved.incarnation();
			this.known.replaceAll((watch, open) -> isKnownOpen(watch, open, moved));
			if (moved.state() != EndpointState.STARTING && moved.state() != EndpointState.WAITING) {
				player.slot = false;
			}
		}
		else if (signal instanceof DeskSignal.GateDue due) {
			ToyWatch gate = gate(due.gate());
			if (gate.inFlight && this.now - gate.lastAsked >= this.settings.timeout().toNanos()) {
				gate.late = true;
				this.players.values().forEach((player) -> player.openSince.remove(gate.watch));
			}
		}
		else if (signal instanceof DeskSignal.Answered answered) {
			ToyWatch gate = gate(answered.gate());
			gate.inFlight = false;
			if (!gate.late && answered.shut() == null) {
				this.players.values().forEach((player) -> {
					if (player.knownQuestion != 0 && player.askedAt <= gate.askedAt) {
						player.openSince.add(gate.watch);
					}
				});
			}
			else {
				this.players.values().forEach((player) -> player.openSince.remove(gate.watch));
			}
		}
	}

	private static boolean isKnownOpen(GateWatch watch, boolean open, DeskSignal.Moved moved) {
		if (watch.gate instanceof ServedGate served && served.id().equals(moved.id())) {
			return open || moved.served();
		}
		if (watch.gate instanceof ServingGate serving && serving.id().equals(moved.id())) {
			return moved.state() == EndpointState.SERVING;
		}
		return open;
	}

	private ToyWatch gate(GateWatch watch) {
		return this.gates.stream().filter((gate) -> gate.watch == watch).findFirst().orElseThrow();
	}

	private void check(DeskAction action) {
		if (action instanceof DeskAction.AskGate ask) {
			ToyWatch gate = gate(ask.gate());
			claim(!gate.inFlight, "G25: one thread at most asks a gate");
			claim(this.players.values().stream().anyMatch((player) -> player.isInterestedIn(gate.watch)),
					"G25: nobody asks a gate for which no endpoint waits");
			gate.inFlight = true;
			gate.late = false;
			gate.lastAsked = this.now;
			gate.askedAt = this.steps;
		}
		else if (action instanceof DeskAction.Tell tell) {
			check(this.players.get(tell.to().id), tell.signal());
		}
	}

	private void check(Player player, Signal signal) {
		if (signal instanceof Signal.Admit admit) {
			claim(admit.question() == player.knownQuestion, "G25: one admission for one question");
			player.needs.forEach((need) -> claim(isOpen(player, need),
					(need.gate instanceof ServedGate) ? "G26: starts when the other has served or has finished"
							: "G25: admitted only when all gates were seen open after the endpoint began to wait"));
			player.knownQuestion = 0;
			player.slot = true;
			player.slotRequested = player.knownRequested;
			long starting = this.players.values().stream().filter((each) -> each.slot && !each.slotRequested).count();
			claim(!this.settings.limitsStarts() || player.slotRequested || starting <= this.settings.mostStarting(),
					"G25: only so many start at once");
		}
		else if (signal instanceof Signal.Bar bar) {
			claim(bar.question() == player.knownQuestion, "G25: only who asks is barred");
			claim(!bar.why().equals(player.lastBar), "G25: the same is not said twice");
			claim(bar.explains() != bar.why().startsWith("its turn"), "G25: a gate explains an error, a turn does not");
			player.lastBar = bar.why();
		}
		else if (signal instanceof Signal.Evict evict) {
			claim(this.settings.evicts(), "G25: only gates that evict close what serves");
			claim(evict.incarnation() == player.knownIncarnation, "G25: evicts the incarnation that lives");
			claim(player.needs.stream().anyMatch((need) -> !(need.gate instanceof ServedGate)),
					"G26: a later crash of the other leaves an endpoint alone");
		}
	}

	private boolean isOpen(Player player, GateWatch need) {
		return (need.gate instanceof KnownGate) ? this.known.get(need) : player.openSince.contains(need);
	}

	private void checkThatAllAreTold(DeskSignal signal, List<DeskAction> actions) {
		for (Player player : this.players.values()) {
			boolean open = player.knownQuestion != 0 && player.needs.stream().allMatch((need) -> isOpen(player, need));
			claim(!open || (this.settings.limitsStarts() && !player.knownRequested),
					"G25, G26: admitted as soon as all gates are open, and at once for an operator");
			long starting = this.players.values().stream().filter((each) -> each.slot).count();
			claim(!open || starting >= this.settings.mostStarting(),
					"G25: no room is left while somebody waits for it");
			claim(!open || player.lastBar != null, "G25: who waits for its turn is told so");
		}
		if (signal instanceof DeskSignal.Answered answered && answered.shut() != null && !gate(answered.gate()).late) {
			for (Player player : this.players.values()) {
				boolean concerned = player.needs.contains(answered.gate());
				claim(!concerned || player.knownQuestion == 0 || player.lastBar != null,
						"G25: who waits for a gate that is shut is told so");
				claim(!concerned || !this.settings.evicts() || !player.isKnownToLive() || actions.stream()
					.anyMatch((action) -> action instanceof DeskAction.Tell tell && tell.to().id.equals(player.id)
							&& tell.signal().equals(new Signal.Evict(player.knownIncarnation))),
						"G25: a gate that is seen shut evicts, if it shall");
			}
		}
	}

	private void carryOut(DeskAction action) {
		if (action instanceof DeskAction.Tell tell) {
			this.players.get(tell.to().id).isTold(tell.signal());
		}
		else if (action instanceof DeskAction.AskGate ask) {
			gate(ask.gate()).answers(ask.ask());
		}
		else if (action instanceof DeskAction.ArmGate arm) {
			at(arm.delay().toNanos(), () -> tell(new DeskSignal.GateDue(arm.gate(), arm.timer(), 0)));
		}
		else if (action instanceof DeskAction.ArmTurns arm) {
			at(arm.delay().toNanos(), () -> tell(new DeskSignal.TurnsDue()));
		}
	}

	private boolean isTrouble() {
		return this.now < TROUBLE;
	}

	/**
	 * A gate that opens and shuts, answers soon, late or far too late.
	 */
	private final class ToyWatch {

		private final GateWatch watch;

		private boolean open;

		private boolean inFlight;

		/** Whether the answer comes too late. */
		private boolean late;

		private long lastAsked = -1;

		/** With which signal that was: two may come in the same instant. */
		private long askedAt;

		ToyWatch(String name) {
			this.watch = new GateWatch(name, () -> null);
			this.open = AdmissionsWorld.this.chance.percent(50);
		}

		void turn() {
			if (isTrouble()) {
				this.open = !this.open;
				at(AdmissionsWorld.this.chance.nanosWithin(15_000) + 1, this::turn);
			}
		}

		void recover() {
			this.open = true;
		}

		void answers(long ask) {
			boolean late = isTrouble() && AdmissionsWorld.this.chance.percent(10);
			long delay = late ? 500 * MILLI + 1 + AdmissionsWorld.this.chance.nanosWithin(9000)
					: AdmissionsWorld.this.chance.nanosWithin(400);
			String shut = this.open ? null : "DOWN";
			at(delay, () -> tell(new DeskSignal.Answered(this.watch, ask, shut)));
		}

	}

	/**
	 * An endpoint, as far as admission goes. Its messages and those to it arrive late,
	 * but in their order.
	 */
	private final class Player {

		private final String id;

		private final List<GateWatch> needs;

		private EndpointState state = EndpointState.REGISTERED;

		private boolean stopped;

		/** Whether it ever served or finished. */
		private boolean served;

		private long incarnation;

		private long question;

		/** Until when its messages are under way. */
		private long sent;

		private long received;

		// What the desk knows

		private long knownQuestion;

		private boolean knownRequested;

		private EndpointState knownState = EndpointState.REGISTERED;

		private long knownIncarnation;

		/** With which signal it asked. */
		private long askedAt;

		private final Set<GateWatch> openSince = new LinkedHashSet<>();

		private @Nullable String lastBar;

		private boolean slot;

		private boolean slotRequested;

		Player(String id, List<GateWatch> needs) {
			this.id = id;
			this.needs = needs;
		}

		boolean isInterestedIn(GateWatch gate) {
			return this.needs.contains(gate)
					&& (this.knownQuestion != 0 || (AdmissionsWorld.this.settings.evicts() && isKnownToLive()));
		}

		boolean isKnownToLive() {
			return this.knownState == EndpointState.STARTING || this.knownState == EndpointState.SERVING;
		}

		private void send(DeskSignal signal) {
			this.sent = Math.max(this.sent + 1, AdmissionsWorld.this.now + AdmissionsWorld.this.chance.nanosWithin(3));
			at(this.sent - AdmissionsWorld.this.now, () -> tell(signal));
		}

		/** The endpoints that it waits for say where they are, as the desk asks them. */
		void join() {
			tell(new DeskSignal.Joined(new Applicant(this.id, List.copyOf(this.needs), (signal) -> {
			}), true));
			for (GateWatch need : this.needs) {
				if (need.gate instanceof KnownGate other) {
					AdmissionsWorld.this.known.putIfAbsent(need, false);
					AdmissionsWorld.this.players.get(other.id()).tellWhereItIs();
				}
			}
			ask(false);
			at(AdmissionsWorld.this.chance.nanosWithin(20_000), this::operate);
		}

		private void operate() {
			if (!isTrouble()) {
				return;
			}
			boolean runs = this.state == EndpointState.STARTING || this.state == EndpointState.SERVING;
			if (this.stopped) {
				this.stopped = false;
				ask(true);
			}
			else if (this.state == EndpointState.WAITING && AdmissionsWorld.this.chance.percent(50)) {
				send(new DeskSignal.Withdrawn(this.id, this.question));
				this.stopped = true;
				move(EndpointState.STOPPED);
			}
			else if (this.state == EndpointState.WAITING) {
				send(new DeskSignal.Withdrawn(this.id, this.question));
				ask(true);
			}
			else if (runs) {
				this.stopped = true;
				move(EndpointState.CLOSING);
				move(EndpointState.STOPPED);
			}
			at(AdmissionsWorld.this.chance.nanosWithin(20_000) + 1, this::operate);
		}

		void recover() {
			if (this.stopped || this.state == EndpointState.FINISHED) {
				this.stopped = false;
				ask(true);
			}
		}

		private void ask(boolean requested) {
			this.question++;
			send(new DeskSignal.Asked(this.id, this.question, requested));
			move(EndpointState.WAITING);
		}

		private void move(EndpointState next) {
			this.state = next;
			this.served |= next == EndpointState.SERVING || next == EndpointState.FINISHED;
			tellWhereItIs();
		}

		private void tellWhereItIs() {
			send(new DeskSignal.Moved(this.id, this.state, this.incarnation, this.served, false));
		}

		void isTold(Signal signal) {
			this.received = Math.max(this.received + 1,
					AdmissionsWorld.this.now + AdmissionsWorld.this.chance.nanosWithin(3));
			at(this.received - AdmissionsWorld.this.now, () -> take(signal));
		}

		private void take(Signal signal) {
			if (signal instanceof Signal.Admit admit && this.state == EndpointState.WAITING
					&& admit.question() == this.question) {
				this.incarnation++;
				move(EndpointState.STARTING);
				long n = this.incarnation;
				at(AdmissionsWorld.this.chance.nanosWithin(1000), () -> starts(n));
			}
			else if (signal instanceof Signal.Evict evict && evict.incarnation() == this.incarnation
					&& (this.state == EndpointState.STARTING || this.state == EndpointState.SERVING)) {
				move(EndpointState.CLOSING);
				long n = this.incarnation;
				at(AdmissionsWorld.this.chance.nanosWithin(500), () -> comesBack(n, EndpointState.CLOSING));
			}
		}

		private void starts(long n) {
			if (this.incarnation != n || this.state != EndpointState.STARTING) {
				return;
			}
			if (isTrouble() && AdmissionsWorld.this.chance.percent(30)) {
				fails(n);
				return;
			}
			if (isTrouble() && AdmissionsWorld.this.chance.percent(10)) {
				finishes();
				return;
			}
			move(EndpointState.SERVING);
			if (isTrouble()) {
				at(AdmissionsWorld.this.chance.nanosWithin(30_000), () -> {
					if (this.incarnation == n && this.state == EndpointState.SERVING && isTrouble()) {
						fails(n);
					}
				});
			}
		}

		/** As an initialiser, which has never served. */
		private void finishes() {
			move(EndpointState.CLOSING);
			move(EndpointState.FINISHED);
		}

		/** Some start again at once, without a state in between. */
		private void fails(long n) {
			if (AdmissionsWorld.this.chance.percent(30)) {
				ask(false);
			}
			else {
				move(EndpointState.BACKOFF);
				at(AdmissionsWorld.this.chance.nanosWithin(1000), () -> comesBack(n, EndpointState.BACKOFF));
			}
		}

		private void comesBack(long n, EndpointState from) {
			if (this.incarnation == n && this.state == from) {
				ask(false);
			}
		}

	}

}
