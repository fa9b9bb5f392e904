package dev.cider.broker;

/**
 * An incarnation that has left something alive: its own threads, when it was given up on,
 * or what the broker that it served had to give up on.
 *
 * @param incarnation its number
 * @param run how far it has come
 * @param inner what is known of the broker that it served
 */
record Abandoned(long incarnation, Run run, Inner inner) {

	Abandoned with(Run run) {
		return new Abandoned(this.incarnation, run, this.inner);
	}

	Abandoned with(Inner inner) {
		return new Abandoned(this.incarnation, this.run, inner);
	}

	/**
	 * How many live: itself, and each in the broker that it served.
	 */
	int count() {
		return this.inner.abandoned() + (this.run.isOver() ? 0 : 1);
	}

}
