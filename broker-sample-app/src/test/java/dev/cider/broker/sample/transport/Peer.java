package dev.cider.broker.sample.transport;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * A client of another make than the server it talks to.
 */
public interface Peer extends AutoCloseable {

	/** How long to wait for what must come. */
	int LIMIT_SECONDS = 10;

	void send(String frame) throws Exception;

	/**
	 * The next frame.
	 * @return {@code null} if the server has ended the connection
	 */
	@Nullable String receive() throws Exception;

	/**
	 * Goes away without a goodbye.
	 */
	void vanish() throws Exception;

	@Override
	void close() throws IOException;

	default void tell(String method, String params) throws Exception {
		send("{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + "}");
	}

	default void ask(String id, String method, String params) throws Exception {
		send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}");
	}

	default void answer(String id, String result) throws Exception {
		send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
	}

	default boolean isOnline() throws Exception {
		ask("\"online\"", "echo", "[]");
		String answer = receive();
		while (answer != null && answer.contains("\"rpc.cancelled\"")) {
			answer = receive();
		}
		return "{\"jsonrpc\":\"2.0\",\"id\":\"online\",\"result\":[]}".equals(answer);
	}

}
