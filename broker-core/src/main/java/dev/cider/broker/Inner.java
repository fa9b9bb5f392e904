package dev.cider.broker;

/**
 * The state of the inner broker that an incarnation serves, as the machine knows it.
 *
 * @param abandoned how many incarnations in it, at any depth, were abandoned and have not
 * ended
 * @param closing whether it closes. Its own limits apply then: in the end it abandons
 * what does not end, so it needs no limit from outside
 */
record Inner(int abandoned, boolean closing) {

	/** For an incarnation that serves no broker, as most do. */
	static final Inner NONE = new Inner(0, false);

}
