package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's books of what a gated endpoint asks, and of what it was answered.
 */
final class OracleAdmissionBooks {

	private final boolean gated;

	/** The number of the latest question. */
	private long latest;

	/** That question is neither admitted nor given up. */
	private boolean open;

	/** The open question says that an operator asked for the launch. */
	private boolean forAnOperator;

	/** What must be asked or withdrawn in this step, in this order. */
	private final List<Action> expected = new ArrayList<>(2);

	/** The open question was admitted in this step. */
	private boolean admitted;

	/** What the latest answer to the open question said. */
	private @Nullable String barredBy;

	/** An error led to the open question, and nothing has explained it yet. */
	private boolean unexplained;

	/** What explained an error in this step. */
	private @Nullable String explanation;

	private long admissions;

	private long explanations;

	OracleAdmissionBooks(boolean gated) {
		this.gated = gated;
	}

	boolean isGated() {
		return this.gated;
	}

	void clear() {
		this.expected.clear();
		this.admitted = false;
		this.explanation = null;
	}

	/**
	 * Hears an answer.
	 * @return whether an error does not count any more
	 */
	boolean hear(Signal.Answer answer) {
		if (!this.open || answer.question() != this.latest) {
			return false;
		}
		if (answer instanceof Signal.Bar bar) {
			this.barredBy = bar.why();
			if (this.unexplained && bar.explains()) {
				this.unexplained = false;
				this.explanation = bar.why();
				this.explanations++;
				return true;
			}
			return false;
		}
		this.admissions++;
		this.admitted = true;
		this.open = false;
		this.barredBy = null;
		return false;
	}

	/** Where nothing was up, something would come up. */
	void ask(boolean requested, boolean afterError) {
		this.unexplained = afterError;
		askAnew(requested);
	}

	/** An operator does not want to wait; to say so once is enough. */
	void askForAnOperator() {
		if (!this.open || !this.forAnOperator) {
			askAnew(true);
		}
	}

	private void askAnew(boolean requested) {
		giveUp();
		this.latest++;
		this.open = true;
		this.forAnOperator = requested;
		this.expected.add(new Action.Ask(this.latest, requested));
	}

	/** Nothing will come up. */
	void giveUp() {
		if (this.open) {
			this.expected.add(new Action.Withdraw(this.latest));
		}
		this.open = false;
		this.barredBy = null;
	}

	/** What may come up comes up in this step. */
	boolean isAdmitted() {
		return this.admitted;
	}

	/**
	 * Checks all that was asked or withdrawn in this step.
	 */
	void check(List<Action> actions) {
		List<Action> asked = new ArrayList<>(2);
		for (Action action : actions) {
			if (action instanceof Action.Ask || action instanceof Action.Withdraw) {
				asked.add(action);
			}
		}
		claim(questions(asked).equals(questions(this.expected)),
				"G25: one question for each launch of a gated endpoint, with a number of its own");
		claim(withdrawals(asked).equals(withdrawals(this.expected)),
				"G25: a question that is given up is withdrawn, once, and no other");
		claim(asked.equals(this.expected), "G25: says of each question whether an operator asked for the launch");
	}

	private static List<Long> questions(List<Action> actions) {
		List<Long> numbers = new ArrayList<>(1);
		actions.forEach((action) -> {
			if (action instanceof Action.Ask ask) {
				numbers.add(ask.question());
			}
		});
		return numbers;
	}

	private static List<Long> withdrawals(List<Action> actions) {
		List<Long> numbers = new ArrayList<>(1);
		actions.forEach((action) -> {
			if (action instanceof Action.Withdraw withdrawal) {
				numbers.add(withdrawal.question());
			}
		});
		return numbers;
	}

	/**
	 * Checks what is shown to who wants to know why nothing runs.
	 * @param overdue whether the endpoint waits for the end of what lives
	 */
	void checkShown(EndpointSnapshot before, EndpointSnapshot shown, boolean overdue) {
		String waitingFor = shown.waitingFor();
		claim((waitingFor != null) == (this.open || overdue),
				"G25: waitingFor while it waits for an admission or for what is overdue, and only then");
		if (this.open) {
			claim(waitingFor.equals((this.barredBy != null) ? this.barredBy : "the answer whether it may start"),
					"G25: waitingFor is what bars this launch now");
		}
		if (this.explanation != null) {
			claim(shown.lastDecision().explanation().endsWith("taken back, explained by " + this.explanation)
					&& shown.lastDecision().consecutiveErrors() == before.lastDecision().consecutiveErrors() - 1
					&& shown.lastCrash() == before.lastCrash(), "G25: the decision says what explained the error");
		}
	}

	long admissions() {
		return this.admissions;
	}

	long explanations() {
		return this.explanations;
	}

}
