package dev.cider.broker.spring.autoconfigure;

/**
 * A property makes no sense. The message names key, value, origin and rule.
 */
final class InvalidBrokerPropertyException extends RuntimeException {

	private static final long serialVersionUID = 1;

	InvalidBrokerPropertyException(String message) {
		super(message);
	}

}
