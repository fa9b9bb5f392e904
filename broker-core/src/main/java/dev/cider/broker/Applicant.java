package dev.cider.broker;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * An endpoint whose launches must be admitted, as the {@link Admissions} know it.
 */
final class Applicant {

	/** Of its question: it asks nothing. */
	private static final long NONE = 0;

	final String id;

	/** Takes the answers: the endpoint itself, as another one may have its id later. */
	final Consumer<Signal> owner;

	/** What must be open, in the order of its options. */
	final List<GateWatch> gates;

	/** What each gate has answered to the current question, see {@link Answer}. */
	private final Answer[] answers;

	private long question = NONE;

	/** Whether an operator asked for the launch: then it needs no turn. */
	private boolean requested;

	/** Who asked earlier has the smaller number. */
	private long order;

	/** What it was last told that it waits for. */
	private @Nullable String told;

	/** Whether it was told that what it waits for explains its error. */
	private boolean excused;

	/** Whether it is starting, as far as is known: it was admitted, or was seen so. */
	boolean starting;

	/** Its incarnation that may be evicted; 0 if there is none. */
	long living;

	/** How many of its gates count it as one of their users. */
	int counted;

	Applicant(String id, List<GateWatch> gates, Consumer<Signal> owner) {
		this.id = id;
		this.owner = owner;
		this.gates = gates;
		this.answers = new Answer[gates.size()];
	}

	void asks(long question, boolean requested, long order) {
		this.question = question;
		this.requested = requested;
		this.order = order;
		this.told = null;
		this.excused = false;
		Arrays.fill(this.answers, Answer.AWAITED);
	}

	boolean isAsking() {
		return this.question != NONE;
	}

	boolean asked(long question) {
		return this.question == question;
	}

	void asksNoMore() {
		this.question = NONE;
	}

	long question() {
		return this.question;
	}

	boolean requested() {
		return this.requested;
	}

	long order() {
		return this.order;
	}

	/**
	 * Whether it was last told that it waits for this.
	 */
	boolean knows(String why) {
		return why.equals(this.told);
	}

	void learns(String why, boolean explains) {
		this.told = why;
		this.excused |= explains;
	}

	/**
	 * Whether it knows that its error is explained.
	 */
	boolean isExcused() {
		return this.excused;
	}

	void answered(GateWatch gate, Answer answer) {
		for (int i = 0; i < this.answers.length; i++) {
			if (this.gates.get(i) == gate) {
				this.answers[i] = answer;
			}
		}
	}

	/**
	 * The first gate that is known to be shut.
	 */
	@Nullable GateWatch firstShut() {
		for (int i = 0; i < this.answers.length; i++) {
			if (this.answers[i] == Answer.SHUT) {
				return this.gates.get(i);
			}
		}
		return null;
	}

	boolean allAreOpen() {
		for (Answer answer : this.answers) {
			if (answer != Answer.OPEN) {
				return false;
			}
		}
		return true;
	}

	@Override
	public String toString() {
		return this.id + " asking " + this.question;
	}

	/** What a gate has answered since the endpoint began to ask. */
	enum Answer {

		AWAITED, OPEN, SHUT

	}

}
