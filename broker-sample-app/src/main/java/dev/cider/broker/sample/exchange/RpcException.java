package dev.cider.broker.sample.exchange;

/**
 * A call that is answered with an error.
 */
class RpcException extends Exception {

	private static final long serialVersionUID = 1L;

	private final int code;

	RpcException(int code, String message) {
		super(message);
		this.code = code;
	}

	int code() {
		return this.code;
	}

	String text() {
		return String.valueOf(getMessage());
	}

}
