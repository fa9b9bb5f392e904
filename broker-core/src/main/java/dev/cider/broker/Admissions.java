package dev.cider.broker;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import dev.cider.broker.DeskAction.ArmGate;
import dev.cider.broker.DeskAction.ArmTurns;
import dev.cider.broker.DeskAction.AskGate;
import dev.cider.broker.DeskAction.Forget;
import dev.cider.broker.DeskAction.Note;
import dev.cider.broker.DeskAction.Tell;
import dev.cider.broker.DeskSignal.Answered;
import dev.cider.broker.DeskSignal.Asked;
import dev.cider.broker.DeskSignal.GateDue;
import dev.cider.broker.DeskSignal.Joined;
import dev.cider.broker.DeskSignal.Left;
import dev.cider.broker.DeskSignal.Moved;
import dev.cider.broker.DeskSignal.NotAsked;
import dev.cider.broker.DeskSignal.TurnsDue;
import dev.cider.broker.DeskSignal.Withdrawn;
import org.jspecify.annotations.Nullable;

/**
 * Decides which endpoints of one broker may launch now: all their gates must be open,
 * their group must let them, and if the number of starts is limited, it must be their
 * turn. Takes a {@link DeskSignal} and leaves {@link DeskAction}s. Uses no thread, lock,
 * clock or user code, so that tests can simulate it. One thread after another uses it,
 * not two at once.
 * <p>
 * Memory may run out inside {@link #on}. Then the caller tells the same signal again, so
 * each step first allocates what it needs, then changes a value, and can be repeated.
 */
final class Admissions {

	private final AdmissionSettings settings;

	private final Map<String, Applicant> applicants = new HashMap<>();

	/** The gates that an endpoint opens, by its id. */
	private final Map<String, List<GateWatch>> targets = new HashMap<>();

	/** The members of all groups, by the ids of their endpoints. */
	private final Map<String, GroupMachine.Member> members = new HashMap<>();

	/** Those that nothing else bars and who wait for their turn, the longest first. */
	private final TreeMap<Long, Applicant> turns = new TreeMap<>();

	private final Deque<DeskAction> actions = new ArrayDeque<>();

	/** How many questions there were. */
	private long questions;

	/** How many endpoints are starting. */
	private int starting;

	/** Whether {@link TurnsDue} will come. */
	private boolean turnsArmed;

	Admissions(AdmissionSettings settings, List<EndpointGroup> groups) {
		this.settings = settings;
		for (EndpointGroup group : groups) {
			new GroupMachine(group).members().forEach((member) -> this.members.put(member.id, member));
		}
	}

	private void joined(Applicant applicant, boolean expected) {
		this.applicants.put(applicant.id, applicant);
		while (applicant.counted < applicant.gates.size()) {
			GateWatch watch = applicant.gates.get(applicant.counted);
			if (watch.gate instanceof KnownGate known && !watches(known.id(), watch)) {
				this.targets.computeIfAbsent(known.id(), (id) -> new ArrayList<>()).add(watch);
				watch.answer = EndpointState.REGISTERED.name();
				watch.shut = watch.answer;
				watch.seen = true;
			}
			watch.users++;
			applicant.counted++;
		}
		GroupMachine.Member member = this.members.get(applicant.id);
		if (member != null) {
			member.group().joined(member, expected);
			regroup(member.group());
		}
	}

	private void left(Applicant applicant) {
		leave(applicant);
		startsNoMore(applicant);
		while (applicant.counted > 0) {
			GateWatch watch = applicant.gates.get(applicant.counted - 1);
			watch.living.remove(applicant);
			if (watch.users == 1) {
				this.actions.add(new Forget(watch));
				watch.armed = false;
				forgetTarget(watch);
			}
			watch.users--;
			applicant.counted--;
		}
		GroupMachine.Member member = this.members.get(applicant.id);
		if (member != null) {
			member.group().left(member);
			regroup(member.group());
		}
		admitByTurn();
		this.applicants.remove(applicant.id);
	}

	private void forgetTarget(GateWatch watch) {
		if (watch.gate instanceof KnownGate known) {
			List<GateWatch> all = this.targets.get(known.id());
			if (all != null && all.remove(watch) && all.isEmpty()) {
				this.targets.remove(known.id());
			}
		}
	}

	private boolean watches(String id, GateWatch watch) {
		return this.targets.getOrDefault(id, List.of()).contains(watch);
	}

	/**
	 * The next action to be carried out, which is then forgotten.
	 */
	@Nullable DeskAction poll() {
		return this.actions.poll();
	}

	/**
	 * Processes a signal.
	 * @param signal what happened
	 * @param now when
	 */
	void on(DeskSignal signal, Moment now) {
		if (signal instanceof Joined joined) {
			joined(joined.applicant(), joined.expected());
		}
		else if (signal instanceof Left left) {
			left(applicant(left.id()));
		}
		else if (signal instanceof Asked asked) {
			asked(applicant(asked.id()), asked);
		}
		else if (signal instanceof Withdrawn withdrawn) {
			withdrawn(applicant(withdrawn.id()), withdrawn.question());
		}
		else if (signal instanceof Moved moved) {
			moved(moved, now);
		}
		else if (signal instanceof Answered answered) {
			answered(answered.gate(), answered, now);
		}
		else if (signal instanceof NotAsked notAsked) {
			notAsked(notAsked.gate(), notAsked.ask());
		}
		else if (signal instanceof GateDue due) {
			gateDue(due.gate(), due, now);
		}
		else if (signal instanceof TurnsDue) {
			turnsDue();
		}
	}

	private Applicant applicant(String id) {
		return Objects.requireNonNull(this.applicants.get(id), () -> "endpoint '" + id + "' needs no admission");
	}

	// Endpoints

	private void asked(Applicant applicant, Asked asked) {
		// A new question: what it was admitted to before is over.
		startsNoMore(applicant);
		if (!applicant.asked(asked.question())) {
			leave(applicant);
			applicant.asks(asked.question(), asked.requested(), ++this.questions);
		}
		GroupMachine.Member member = this.members.get(applicant.id);
		if (member != null) {
			// First: its failure may close the others, and then it must wait for them.
			member.group().asked(member);
			regroup(member.group());
		}
		for (GateWatch watch : applicant.gates) {
			waitFor(watch, applicant);
		}
		consider(applicant);
		// Its last start may have made room, and it may have to wait for a gate now.
		admitByTurn();
	}

	/**
	 * The gate must be asked after the endpoint began to wait: an answer from before says
	 * nothing about what made it crash. But a gate that was just seen shut is not asked
	 * before its time.
	 */
	private void waitFor(GateWatch watch, Applicant applicant) {
		watch.add(applicant);
		if (watch.isKnown()) {
			applicant.answered(watch, (watch.answer == null) ? Applicant.Answer.OPEN : Applicant.Answer.SHUT);
			return;
		}
		if (watch.asking) {
			watch.late.add(applicant);
			if (!watch.armed && !watch.hanging) {
				// Nobody waited for the answer any more, and its limit was forgotten.
				arm(watch, this.settings.timeout());
			}
		}
		if (watch.shut != null && (watch.asking || watch.armed)) {
			applicant.answered(watch, Applicant.Answer.SHUT);
		}
		else if (!watch.asking) {
			ask(watch);
		}
	}

	private void withdrawn(Applicant applicant, long question) {
		if (applicant.asked(question)) {
			leave(applicant);
			applicant.asksNoMore();
		}
		// It may have been admitted, and have been stopped before it heard of that.
		startsNoMore(applicant);
		admitByTurn();
	}

	/** It waits neither for a gate nor for its turn any more. */
	private void leave(Applicant applicant) {
		this.turns.remove(applicant.order());
		for (GateWatch watch : applicant.gates) {
			watch.remove(applicant);
		}
	}

	/**
	 * First for those that wait for it: the room that it makes may be for one of them.
	 */
	private void moved(Moved moved, Moment now) {
		GroupMachine.Member member = this.members.get(moved.id());
		if (member != null) {
			// Before anybody is admitted: this move may bar others of the group.
			member.group().moved(member, moved.state(), moved.incarnation(), moved.failed());
			regroup(member.group());
		}
		for (GateWatch watch : this.targets.getOrDefault(moved.id(), List.of())) {
			if (!watch.isOpenForGood()) {
				see(watch, opens(watch, moved) ? null : moved.state().name(), now);
			}
		}
		Applicant applicant = this.applicants.get(moved.id());
		if (applicant != null) {
			noteLife(applicant, moved);
		}
	}

	private static boolean opens(GateWatch watch, Moved moved) {
		return (watch.gate instanceof ServedGate) ? moved.served() : moved.state() == EndpointState.SERVING;
	}

	private void noteLife(Applicant applicant, Moved moved) {
		boolean lives = moved.state() == EndpointState.STARTING || moved.state() == EndpointState.SERVING;
		applicant.living = lives ? moved.incarnation() : 0;
		if (this.settings.evicts()) {
			for (GateWatch watch : applicant.gates) {
				if (lives && watch.mayEvict()) {
					watch.living.add(applicant);
					watchOn(watch);
					evictIfKnownToBeShut(applicant, watch);
				}
				else {
					watch.living.remove(applicant);
				}
			}
		}
		if (moved.state() != EndpointState.STARTING && moved.state() != EndpointState.WAITING) {
			startsNoMore(applicant);
			admitByTurn();
		}
	}

	/** The other endpoint may have moved while this one was launched. Nobody asks it. */
	private void evictIfKnownToBeShut(Applicant applicant, GateWatch watch) {
		if (watch.isKnown() && watch.answer != null) {
			this.actions.add(new Tell(applicant, new Signal.Evict(applicant.living)));
		}
	}

	// Groups

	/** A member has moved: another one may have to end, or may launch, or may not. */
	private void regroup(GroupMachine group) {
		String news = group.news();
		if (news != null) {
			this.actions.add(new Note(news));
		}
		group.newsTold();
		GroupMachine.Member ending = group.toEvict();
		if (ending != null) {
			this.actions.add(new Tell(applicant(ending.id), new Signal.Evict(ending.incarnation())));
			ending.evictionIsTold();
		}
		for (GroupMachine.Member member : group.members()) {
			Applicant applicant = this.applicants.get(member.id);
			if (applicant != null) {
				consider(applicant);
			}
		}
	}

	/**
	 * Bars the endpoint, admits it, or lets it wait for an answer or for its turn. First
	 * its gates, then its group, then its turn: so a turn is for one that could launch.
	 */
	private void consider(Applicant applicant) {
		if (!applicant.isAsking()) {
			return;
		}
		GateWatch shut = applicant.firstShut();
		if (shut != null) {
			this.turns.remove(applicant.order());
			bar(applicant, shut.name + ", which is " + because(shut), true);
		}
		else if (applicant.allAreOpen() && !isBarredByItsGroup(applicant)) {
			if (applicant.requested() || !this.settings.limitsStarts()) {
				admit(applicant);
			}
			else {
				takeTurn(applicant);
			}
		}
	}

	/**
	 * An error of a member that is excused is taken back even if nothing bars it by now.
	 */
	private boolean isBarredByItsGroup(Applicant applicant) {
		GroupMachine.Member member = this.members.get(applicant.id);
		if (member == null) {
			return false;
		}
		String why = member.barredBy();
		if (why != null) {
			this.turns.remove(applicant.order());
			bar(applicant, why, member.isExcused());
		}
		else if (member.isExcused() && !applicant.isExcused()) {
			bar(applicant, member.excuse(), true);
		}
		return why != null;
	}

	private static String because(GateWatch shut) {
		return (shut.shut != null) ? shut.shut : Objects.requireNonNull(shut.answer);
	}

	private void bar(Applicant applicant, String why, boolean explains) {
		if (!applicant.knows(why)) {
			this.actions.add(new Tell(applicant, new Signal.Bar(applicant.question(), why, explains)));
			applicant.learns(why, explains);
		}
	}

	private void admit(Applicant applicant) {
		this.actions.add(new Tell(applicant, new Signal.Admit(applicant.question())));
		leave(applicant);
		applicant.asksNoMore();
		GroupMachine.Member member = this.members.get(applicant.id);
		if (member != null) {
			member.group().admitted(member);
		}
		if (!applicant.starting) {
			applicant.starting = true;
			this.starting++;
		}
	}

	// Turns

	private void startsNoMore(Applicant applicant) {
		if (applicant.starting) {
			applicant.starting = false;
			this.starting--;
		}
	}

	private void takeTurn(Applicant applicant) {
		if (this.turns.putIfAbsent(applicant.order(), applicant) == null) {
			admitByTurn();
			if (applicant.isAsking()) {
				boolean last = this.turns.lastEntry().getValue() == applicant;
				barUntilItsTurn(applicant,
						last ? this.turns.size() : this.turns.headMap(applicant.order(), true).size());
			}
		}
	}

	private void admitByTurn() {
		while (this.starting < this.settings.mostStarting() && !this.turns.isEmpty()) {
			admit(this.turns.firstEntry().getValue());
		}
	}

	private void barUntilItsTurn(Applicant applicant, int place) {
		bar(applicant, "its turn: " + ordinal(place) + " of " + this.turns.size(), false);
		if (!this.turnsArmed) {
			this.actions.add(new ArmTurns(this.settings.pollInterval()));
			this.turnsArmed = true;
		}
	}

	private static String ordinal(int place) {
		int teens = place % 100;
		int last = (teens >= 11 && teens <= 13) ? 0 : place % 10;
		return place + switch (last) {
			case 1 -> "st";
			case 2 -> "nd";
			case 3 -> "rd";
			default -> "th";
		};
	}

	/** All places in one pass: to tell each move of each place would take n² signals. */
	private void turnsDue() {
		this.turnsArmed = false;
		int place = 0;
		for (Applicant applicant : this.turns.values()) {
			place++;
			barUntilItsTurn(applicant, place);
		}
	}

	// Gates

	/** Goes on asking, as long as somebody wants to know. */
	private void watchOn(GateWatch watch) {
		if (!watch.isKnown() && !watch.asking && !watch.armed && watch.isWatched()) {
			arm(watch, this.settings.pollInterval());
		}
	}

	private void ask(GateWatch watch) {
		arm(watch, this.settings.timeout());
		this.actions.add(new AskGate(watch, watch.ask + 1));
		watch.ask++;
		watch.asking = true;
		watch.hanging = false;
		watch.renewed = false;
		watch.late.clear();
	}

	private void arm(GateWatch watch, Duration delay) {
		this.actions.add(new ArmGate(watch, watch.timer + 1, delay));
		watch.timer++;
		watch.armed = true;
	}

	/** An answer that came too late counts as shut: then the gate is asked again. */
	private void answered(GateWatch watch, Answered answered, Moment now) {
		if (answered.ask() != watch.ask || !watch.asking) {
			return;
		}
		if (!watch.hanging) {
			see(watch, answered.shut(), now);
		}
		if (!watch.hanging && !watch.late.isEmpty()) {
			ask(watch);
		}
		else {
			askLater(watch);
		}
	}

	/** Nothing is known of the gate, so nothing changes. */
	private void notAsked(GateWatch watch, long ask) {
		if (ask == watch.ask && watch.asking) {
			askLater(watch);
		}
	}

	private void askLater(GateWatch watch) {
		if (watch.isWatched()) {
			arm(watch, this.settings.pollInterval());
		}
		else {
			watch.armed = false;
		}
		// Last: this signal can be told again as long as the gate seems to be asked.
		watch.asking = false;
		watch.hanging = false;
	}

	private void gateDue(GateWatch watch, GateDue due, Moment now) {
		if (!watch.armed || due.timer() != watch.timer) {
			return;
		}
		if (watch.asking && !watch.renewed && due.late() > StepBuilder.tolerated(this.settings.timeout())) {
			arm(watch, this.settings.timeout());
			watch.renewed = true;
		}
		else if (watch.asking) {
			see(watch, "silent: it has not answered within " + inSeconds(this.settings.timeout()), now);
			watch.hanging = true;
			watch.armed = false;
		}
		else if (watch.isWatched()) {
			ask(watch);
		}
		else {
			watch.armed = false;
		}
	}

	/**
	 * A gate is seen open or shut.
	 * @param answer why it is shut; {@code null} if it is open
	 */
	private void see(GateWatch watch, @Nullable String answer, Moment now) {
		noteChange(watch, answer, now);
		List<Applicant> waiting = watch.waiting();
		for (Applicant applicant : waiting) {
			Applicant.Answer open = watch.late.contains(applicant) ? Applicant.Answer.AWAITED : Applicant.Answer.OPEN;
			applicant.answered(watch, (answer == null) ? open : Applicant.Answer.SHUT);
		}
		if (answer != null) {
			watch.late.clear();
		}
		for (Applicant applicant : waiting) {
			consider(applicant);
		}
		if (answer != null && this.settings.evicts()) {
			for (Applicant applicant : watch.living) {
				if (applicant.living != 0) {
					this.actions.add(new Tell(applicant, new Signal.Evict(applicant.living)));
				}
			}
		}
	}

	private static String whatFollows(GateWatch watch) {
		String waiting = "waiting for it: " + counted(watch.shown().waiting());
		return watch.living.isEmpty() ? waiting : waiting + ", closed because of it: " + counted(watch.living.size());
	}

	private static Instant shownSecond(Moment moment) {
		return moment.instant().truncatedTo(ChronoUnit.SECONDS);
	}

	private static String inSeconds(Duration timeout) {
		BigDecimal seconds = BigDecimal.valueOf(timeout.toMillis(), 3).stripTrailingZeros();
		return seconds.toPlainString() + " s";
	}

	private static String counted(int endpoints) {
		return endpoints + ((endpoints == 1) ? " endpoint" : " endpoints");
	}

	private void noteChange(GateWatch watch, @Nullable String answer, Moment now) {
		if (answer == null) {
			if (watch.shut != null && !watch.isKnown()) {
				this.actions.add(new Note("gate '" + watch.name + "' is open again; it was shut since "
						+ shownSecond(Objects.requireNonNull(watch.shutSince))));
			}
			watch.shut = null;
			watch.answer = null;
			watch.shutSince = null;
			watch.seen = true;
			return;
		}
		if (answer.equals(watch.answer) && watch.shut != null) {
			return;
		}
		Moment since = (watch.shutSince != null) ? watch.shutSince : now;
		String shut = answer + " since " + shownSecond(since);
		if (watch.shut == null && !watch.isKnown()) {
			this.actions.add(new Note("gate '" + watch.name + "' is shut: " + answer + "; " + whatFollows(watch)));
		}
		watch.shutSince = since;
		watch.shut = shut;
		watch.answer = answer;
		// Last: a reader sees a gate only once it is known how it was seen.
		watch.seen = true;
	}

}
