package dev.cider.broker.sample.exchange;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes the frames that the exchange sends.
 */
final class Frames {

	/**
	 * The longest error message. It repeats text of the client: enough to recognise it,
	 * too little for a small frame to cause big answers.
	 */
	private static final int MAX_MESSAGE = 200;

	private Frames() {
	}

	static String request(@Nullable String id, String method, @Nullable Json params) {
		StringBuilder frame = new StringBuilder("{\"jsonrpc\":\"2.0\"");
		if (id != null) {
			frame.append(",\"id\":").append(id);
		}
		frame.append(",\"method\":").append(quoted(method));
		if (params != null) {
			frame.append(",\"params\":").append(params.text());
		}
		return frame.append('}').toString();
	}

	static String result(Json id, Json result) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id.text() + ",\"result\":" + result.text() + "}";
	}

	static String error(Json id, Json error) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id.text() + ",\"error\":" + error.text() + "}";
	}

	static String error(Json id, int code, String message) {
		String shown = (message.length() <= MAX_MESSAGE) ? message : message.substring(0, MAX_MESSAGE) + "...";
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id.text() + ",\"error\":{\"code\":" + code + ",\"message\":"
				+ quoted(shown) + "}}";
	}

	static String quoted(String text) {
		return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
	}

}
