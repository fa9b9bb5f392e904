package dev.cider.broker;

/**
 * An incarnation that has left something alive: its own threads, when it was given up on,
 * or what the broker that it served had to give up on.
 *
 * @param incarnation its number
 * @param progress how far it has come
 * @param inner what is known of the broker that it served
 */
record Abandoned(long incarnation, Progress progress, Inner inner) {

	Abandoned with(Progress progress) {
		return new Abandoned(this.incarnation, progress, this.inner);
	}

	Abandoned with(Inner inner) {
		return new Abandoned(this.incarnation, this.progress, inner);
	}

	/**
	 * How many live: itself, and each in the broker that it served.
	 */
	int count() {
		return this.inner.abandoned() + (this.progress.isOver() ? 0 : 1);
	}

}
