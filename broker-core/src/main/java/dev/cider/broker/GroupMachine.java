package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Decides which members of one {@link EndpointGroup} may launch now, and which must end.
 * A part of the {@link Admissions}, which tell it what happened to the members, and carry
 * out what it decides. Uses no thread, lock, clock or user code.
 * <p>
 * What changes a value allocates nothing, and can be repeated: memory may run out in what
 * the {@link Admissions} do next, and then they are told the same again.
 */
final class GroupMachine {

	private final EndpointGroup group;

	private final List<Member> members = new ArrayList<>();

	/** Whose end closed others that was not logged yet. */
	private @Nullable Member newCause;

	GroupMachine(EndpointGroup group) {
		this.group = group;
		for (String id : group.members()) {
			this.members.add(new Member(id, this.members.size()));
		}
	}

	/**
	 * The members, in order.
	 */
	List<Member> members() {
		return this.members;
	}

	/**
	 * The next member that must be told to end: the last one of those that must, unless
	 * it ends already, or was not seen to start yet.
	 */
	@Nullable Member toEvict() {
		Member last = lastDoomed();
		return (last != null && last.runs() && last.evicted != last.incarnation) ? last : null;
	}

	private @Nullable Member lastDoomed() {
		for (int i = this.members.size() - 1; i >= 0; i--) {
			if (this.members.get(i).doomed) {
				return this.members.get(i);
			}
		}
		return null;
	}

	private @Nullable Member firstDropped() {
		for (int i = 0; i < this.members.size(); i++) {
			if (this.members.get(i).life == Life.DROPPED) {
				return this.members.get(i);
			}
		}
		return null;
	}

	/** The first one that those after it wait for. */
	private @Nullable Member firstAwaited() {
		for (int i = 0; i < this.members.size(); i++) {
			if (this.members.get(i).isAwaited()) {
				return this.members.get(i);
			}
		}
		return null;
	}

	/**
	 * What is to be logged once: that members are closed because of another one.
	 */
	@Nullable String news() {
		Member cause = this.newCause;
		if (cause == null) {
			return null;
		}
		String closed = this.members.stream()
			.filter((member) -> member.doomed && member != cause)
			.map((member) -> "'" + member.id + "'")
			.collect(Collectors.joining(", "));
		if (closed.isEmpty()) {
			return null;
		}
		return "group '" + this.group.name() + "': "
				+ ((cause.life == Life.DROPPED)
						? "'" + cause.id + "' was dropped; closed until it starts again: " + closed
						: "'" + cause.id + "' has failed; closed, to come back in order: " + closed);
	}

	void newsTold() {
		this.newCause = null;
	}

	// What happened

	void joined(Member member, boolean expected) {
		member.reset(expected ? Life.EXPECTED : Life.ABSENT);
	}

	void left(Member member) {
		member.reset(Life.ABSENT);
	}

	/**
	 * A member asks whether it may launch. If it was starting until now, its factory
	 * failed, and there is no delay and no state in between. If it was admitted and gave
	 * that question up, it asks or moves right after.
	 */
	void asked(Member member) {
		failIfItRan(member, true);
		member.state = EndpointState.WAITING;
		member.enter(Life.EXPECTED);
	}

	void admitted(Member member) {
		member.enter(Life.ADMITTED);
	}

	/**
	 * A member has another state.
	 * @param failed whether it ended by itself and starts again because of that
	 */
	void moved(Member member, EndpointState state, long incarnation, boolean failed) {
		member.state = state;
		switch (state) {
			case REGISTERED, WAITING -> {
				// Known already: it was told when it joined, or asked.
			}
			case STARTING -> {
				member.incarnation = incarnation;
				member.excused = false;
				member.enter(Life.STARTING);
			}
			case SERVING -> served(member);
			case CLOSING -> {
				failIfItRan(member, failed);
				member.enter(Life.CLOSING);
			}
			case BACKOFF -> {
				failIfItRan(member, failed);
				member.enter(Life.EXPECTED);
			}
			case FINISHED, STOPPED -> {
				member.enter(Life.ABSENT);
				member.culprit = false;
				member.excused = false;
			}
			case DROPPED -> dropped(member);
		}
	}

	/** One that is to end has not begun anew. */
	private void served(Member member) {
		member.enter(Life.SERVING);
		if (!member.doomed) {
			member.servedOnce = true;
			member.culprit = false;
		}
	}

	private void failIfItRan(Member member, boolean failed) {
		if (!failed || !member.runs()) {
			return;
		}
		if (member.doomed) {
			// It would have been closed in any case.
			member.excused = true;
			return;
		}
		member.culprit = true;
		if (this.group.strategy() != GroupStrategy.ONE_FOR_ONE) {
			for (int i = 0; i < this.members.size(); i++) {
				doomIfTakenAlong(member, this.members.get(i));
			}
			// Nobody comes back before it has ended, too.
			member.doomed = true;
			this.newCause = member;
		}
	}

	private void doomIfTakenAlong(Member failed, Member other) {
		if (other != failed && (this.group.strategy() == GroupStrategy.ONE_FOR_ALL || other.index > failed.index)) {
			other.doom();
		}
	}

	private void dropped(Member member) {
		for (int i = 0; i < this.members.size(); i++) {
			this.members.get(i).servedOnce = false;
			this.members.get(i).doom();
		}
		member.culprit = false;
		member.excused = false;
		member.enter(Life.DROPPED);
		this.newCause = member;
	}

	/** Where a member is, as far as the others are concerned. */
	private enum Life {

		/** It rests: others do not wait for it. */
		ABSENT,

		/** It waits, for whatever, and will start some time. */
		EXPECTED,

		/** It was told that it may start, and was not seen to start yet. */
		ADMITTED,

		STARTING, SERVING, CLOSING, DROPPED

	}

	/** A place in the group, whether or not there is an endpoint of that id now. */
	final class Member {

		final String id;

		private final int index;

		private Life life = Life.ABSENT;

		/** Its state, for those that wait for it. */
		private EndpointState state = EndpointState.REGISTERED;

		/** The latest that was seen. */
		private long incarnation;

		/** The incarnation that was told to end last; 0 if none was. */
		private long evicted;

		/**
		 * Whether it must end before any member starts. Only of one that lives, or may
		 * live because it was admitted.
		 */
		private boolean doomed;

		/** Whether it failed first and did not serve since: its error counts. */
		private boolean culprit;

		/** Whether it failed and would have been closed in any case. */
		private boolean excused;

		/** Whether it has served since the group began, or began anew. */
		private boolean servedOnce;

		private Member(String id, int index) {
			this.id = id;
			this.index = index;
		}

		GroupMachine group() {
			return GroupMachine.this;
		}

		/**
		 * The incarnation that must end.
		 */
		long incarnation() {
			return this.incarnation;
		}

		void evictionIsTold() {
			this.evicted = this.incarnation;
		}

		/**
		 * Whether the error that brought it here does not count.
		 */
		boolean isExcused() {
			return this.excused;
		}

		/**
		 * The sentence that takes its error back if nothing bars it.
		 */
		String excuse() {
			return "group " + GroupMachine.this.group.name() + ", of which another member failed";
		}

		/**
		 * What it waits for in its group, in words; {@code null} if it may launch.
		 */
		@Nullable String barredBy() {
			Member other = barring();
			return (other != null)
					? "group " + GroupMachine.this.group.name() + ", whose member '" + other.id + "' is " + other.state
					: null;
		}

		private @Nullable Member barring() {
			Member ending = lastDoomed();
			if (ending != null) {
				return ending;
			}
			Member dropped = firstDropped();
			if (dropped != null) {
				return dropped;
			}
			Member awaited = firstAwaited();
			return (awaited != null && awaited.index < this.index) ? awaited : null;
		}

		/** Under one-for-one only the first start is in order. */
		private boolean isAwaited() {
			return switch (this.life) {
				case ABSENT, SERVING -> false;
				case EXPECTED, ADMITTED, STARTING, CLOSING, DROPPED ->
					GroupMachine.this.group.strategy() != GroupStrategy.ONE_FOR_ONE || !this.servedOnce;
			};
		}

		/** Whether it was seen to live, and not to end. */
		private boolean runs() {
			return this.life == Life.STARTING || this.life == Life.SERVING;
		}

		/** Whether it lives, or may do so because it was admitted. */
		private boolean lives() {
			return switch (this.life) {
				case ADMITTED, STARTING, SERVING, CLOSING -> true;
				case ABSENT, EXPECTED, DROPPED -> false;
			};
		}

		private void enter(Life next) {
			this.life = next;
			this.doomed &= lives();
		}

		/** The failure of another one explains its own, if it had one. */
		private void doom() {
			this.excused |= this.culprit;
			this.culprit = false;
			this.doomed = lives();
		}

		/** Another endpoint comes in its place: it has ended, so its fault is settled. */
		private void reset(Life first) {
			this.state = EndpointState.REGISTERED;
			this.incarnation = 0;
			this.evicted = 0;
			this.servedOnce = false;
			enter(first);
		}

		@Override
		public String toString() {
			return this.id + " " + this.life;
		}

	}

}
