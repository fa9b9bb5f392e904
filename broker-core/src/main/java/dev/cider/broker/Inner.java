package dev.cider.broker;

/**
 * What is known of the broker that an incarnation serves, if it serves one.
 *
 * @param abandoned how many incarnations in it, at any depth, were given up on and have
 * not ended
 * @param closing whether it closes, within limits of its own: in the end it gives up on
 * what does not end, so it needs no other limit
 */
record Inner(int abandoned, boolean closing) {

	/** Of most incarnations, which serve something else. */
	static final Inner NONE = new Inner(0, false);

}
