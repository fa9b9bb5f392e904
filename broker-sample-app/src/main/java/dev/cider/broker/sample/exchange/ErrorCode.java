package dev.cider.broker.sample.exchange;

/**
 * The error codes that the exchange answers with. Those from -32099 to -32000 are its
 * own; JSON-RPC 2.0 leaves that range to servers.
 */
public final class ErrorCode {

	/**
	 * The frame is not JSON, not UTF-8, too long or too deeply nested, or an object in it
	 * has a key twice.
	 */
	public static final int PARSE_ERROR = -32700;

	/**
	 * The frame is JSON, but not a JSON-RPC 2.0 message.
	 */
	public static final int INVALID_REQUEST = -32600;

	/**
	 * No client provides the method.
	 */
	public static final int METHOD_NOT_FOUND = -32601;

	/**
	 * The params of a built-in method are invalid.
	 */
	public static final int INVALID_PARAMS = -32602;

	/**
	 * The exchange itself failed.
	 */
	public static final int INTERNAL_ERROR = -32603;

	/**
	 * The provider disconnected before it answered.
	 */
	public static final int PROVIDER_GONE = -32000;

	/**
	 * The name belongs to the exchange and cannot be registered.
	 */
	public static final int NAME_RESERVED = -32001;

	/**
	 * The provider answered with something that is not a JSON-RPC 2.0 response.
	 */
	public static final int BAD_REPLY = -32002;

	/**
	 * The caller itself has cancelled the call.
	 */
	public static final int CANCELLED = -32003;

	/**
	 * The provider took too long to answer.
	 */
	public static final int TIMED_OUT = -32004;

	/**
	 * A limit is reached: of the client's pending calls, of its methods, of connections,
	 * or of the answers to a batch.
	 */
	public static final int LIMIT_REACHED = -32005;

	private ErrorCode() {
	}

}
