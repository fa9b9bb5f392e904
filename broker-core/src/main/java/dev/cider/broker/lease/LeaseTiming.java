package dev.cider.broker.lease;

/**
 * The four times on which it depends that two nodes never hold a lease at once, each on
 * the {@link System#nanoTime()} of its own node. Only differences of them mean anything.
 */
class LeaseTiming {

	/**
	 * One part in fifty: the clock of the holder and that of the other may be 1 % off.
	 */
	private static final long SLACK = 50;

	private final LeaseSettings settings;

	LeaseTiming(LeaseSettings settings) {
		this.settings = settings;
	}

	/**
	 * Until when a change makes its node the holder. Counts from the start of the call:
	 * another node may see the text long before the answer arrives here.
	 */
	long validUntil(long started, long answered) {
		long duration = this.settings.duration().toNanos();
		return started + duration - duration / SLACK;
	}

	/**
	 * When an endpoint begins to close, so that it has ended or is abandoned in time.
	 */
	long closesAt(long validUntil) {
		return validUntil - this.settings.closing().toNanos();
	}

	/**
	 * When a text was seen for the first time. Counts from the answer: the holder may
	 * have written it after the read began.
	 */
	long seenAt(long started, long answered) {
		return answered;
	}

	/**
	 * From when on the lease of another node may be taken.
	 */
	long takenFrom(LeaseText text, long seen) {
		return seen + text.duration().toNanos() + 1;
	}

}
