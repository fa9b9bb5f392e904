package dev.cider.broker.sample.exchange;

import java.util.Map;

import dev.cider.broker.sample.exchange.Json.Kind;
import org.jspecify.annotations.Nullable;

/**
 * A message that a client has sent.
 */
sealed interface Message {

	/**
	 * A call of a method, or a notification.
	 *
	 * @param id the caller's id of the call, {@code null} for a notification
	 * @param method the method's name
	 * @param params an array or an object, if there are any
	 */
	record Request(@Nullable Json id, String method, @Nullable Json params) implements Message {
	}

	/**
	 * A provider's answer.
	 *
	 * @param id the exchange's id of the call
	 * @param result the result, if the method has one
	 * @param error a JSON-RPC error object, if the method failed. A response with neither
	 * is invalid.
	 */
	record Response(Json id, @Nullable Json result, @Nullable Json error) implements Message {
	}

	/**
	 * Neither a valid request nor a response.
	 *
	 * @param id the id to answer with
	 * @param reason what is wrong
	 */
	record Malformed(Json id, String reason) implements Message {
	}

	static Message of(Json json) {
		if (json.kind() != Kind.OBJECT) {
			return new Malformed(Json.NULL, "a message is an object");
		}
		Map<String, Json> members = json.members();
		Json id = members.get("id");
		boolean knownBy = id != null && isId(id);
		if (!members.containsKey("method") && (members.containsKey("result") || members.containsKey("error"))) {
			return (id != null && knownBy) ? response(id, members) : response(Json.NULL, members);
		}
		String flaw = flaw(members);
		if (flaw != null) {
			return new Malformed((id != null && knownBy) ? id : Json.NULL, flaw);
		}
		return new Request(id, text(members, "method"), members.get("params"));
	}

	private static Response response(Json id, Map<String, Json> members) {
		Json result = members.get("result");
		Json error = members.get("error");
		boolean sound = hasVersion(members) && (result == null) != (error == null)
				&& (error == null || isError(error.members()));
		return sound ? new Response(id, result, error) : new Response(id, null, null);
	}

	private static @Nullable String flaw(Map<String, Json> members) {
		if (!hasVersion(members)) {
			return "'jsonrpc' must be \"2.0\"";
		}
		Json id = members.get("id");
		if (id != null && !isId(id)) {
			return "'id' must be a string, a number or null";
		}
		Json method = members.get("method");
		if (method == null || method.kind() != Kind.STRING) {
			return "'method' must be a string";
		}
		Json params = members.get("params");
		if (params != null && params.kind() != Kind.ARRAY && params.kind() != Kind.OBJECT) {
			return "'params' must be an array or an object";
		}
		return null;
	}

	private static boolean hasVersion(Map<String, Json> members) {
		return "2.0".equals(text(members, "jsonrpc"));
	}

	private static boolean isId(Json json) {
		return json.kind() == Kind.STRING || json.kind() == Kind.NUMBER || json.kind() == Kind.NULL;
	}

	private static boolean isError(Map<String, Json> error) {
		Json code = error.get("code");
		Json message = error.get("message");
		return code != null && code.isInteger() && message != null && message.kind() == Kind.STRING;
	}

	private static String text(Map<String, Json> members, String name) {
		Json member = members.get(name);
		String text = (member != null) ? member.string() : null;
		return (text != null) ? text : "";
	}

}
