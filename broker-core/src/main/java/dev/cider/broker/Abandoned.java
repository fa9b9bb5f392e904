package dev.cider.broker;

/**
 * An incarnation that has left threads running: its own, if it was abandoned, or those of
 * incarnations that its inner broker abandoned.
 *
 * @param incarnation its number
 * @param progress how far its threads have come
 * @param inner the last known state of its inner broker
 */
record Abandoned(long incarnation, Progress progress, Inner inner) {

	Abandoned with(Progress progress) {
		return new Abandoned(this.incarnation, progress, this.inner);
	}

	Abandoned with(Inner inner) {
		return new Abandoned(this.incarnation, this.progress, inner);
	}

	/**
	 * The number of abandoned incarnations that still run: this one, if it does, and
	 * those in its inner broker.
	 */
	int count() {
		return this.inner.abandoned() + (this.progress.isOver() ? 0 : 1);
	}

}
