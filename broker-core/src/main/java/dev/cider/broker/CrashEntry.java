package dev.cider.broker;

import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.UnwordedDecision;
import org.jspecify.annotations.Nullable;

/**
 * One crash as the machine and the history keep it: the parts of a {@link CrashSummary},
 * which is made of them when a caller reads it first. In a storm of crashes few are ever
 * read. Like the summary it does not refer to the exception.
 */
final class CrashEntry {

	private final String factoryId;

	private final String type;

	private final @Nullable String message;

	private final long incarnation;

	private final CrashPhase phase;

	private final Moment at;

	private final UnwordedDecision decision;

	/** A benign race: two readers may each make an equal summary, which is immutable. */
	private @Nullable CrashSummary summary;

	CrashEntry(String factoryId, Failure failure, long incarnation, CrashPhase phase, Moment at,
			UnwordedDecision decision) {
		this.factoryId = factoryId;
		this.type = failure.type();
		this.message = failure.message();
		this.incarnation = incarnation;
		this.phase = phase;
		this.at = at;
		this.decision = decision;
	}

	UnwordedDecision decision() {
		return this.decision;
	}

	boolean dropped() {
		return this.decision.drops();
	}

	CrashSummary summary() {
		CrashSummary made = this.summary;
		if (made == null) {
			made = new CrashSummary(this.factoryId, dropped(), this.type, this.message, this.incarnation, this.phase,
					this.at.instant(), this.decision.served(), this.decision.consecutiveErrors(),
					this.decision.inWords().explanation());
			this.summary = made;
		}
		return made;
	}

	@Override
	public String toString() {
		return summary().toString();
	}

	/**
	 * The report of this crash.
	 * @param failure the failure that this entry was made of
	 */
	EndpointCrashReport report(Failure failure) {
		return new EndpointCrashReport(this.factoryId, dropped(), failure.error(), this.incarnation, this.phase,
				this.at.instant(), this.decision.served(), this.decision.consecutiveErrors(), this.decision.inWords());
	}

}
