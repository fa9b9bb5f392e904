package dev.cider.broker;

/**
 * A figure cannot be had. The other ones can.
 */
final class Snag extends RuntimeException {

	private static final long serialVersionUID = 1;

	Snag(String why) {
		super(why);
	}

}
