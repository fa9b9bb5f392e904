package dev.cider.broker.spring.autoconfigure;

/**
 * A property has an invalid name or value. The message names key, value, origin and rule.
 */
final class InvalidBrokerPropertyException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The advice to the user. */
	private final String action;

	InvalidBrokerPropertyException(String message, String action) {
		super(message);
		this.action = action;
	}

	String action() {
		return this.action;
	}

}
