package dev.cider.broker.sample.exchange;

import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.cider.broker.sample.exchange.Json.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The methods that the exchange answers itself, under its lock.
 */
final class BuiltIns {

	static final String CRASH = "sample.crash";

	private static final String RESERVED_PREFIX = "rpc.";

	private static final int MAX_NAME = 128;

	private final Map<String, BuiltIn> methods = new LinkedHashMap<>();

	private final Switchboard switchboard;

	private final Clock clock;

	BuiltIns(Switchboard switchboard, Clock clock, boolean crashEnabled) {
		this.switchboard = switchboard;
		this.clock = clock;
		this.methods.put("rpc.register", this::register);
		this.methods.put("rpc.unregister", this::unregister);
		this.methods.put("rpc.methods", this::methods);
		this.methods.put("rpc.cancel", this::cancel);
		this.methods.put("echo", (caller, params) -> (params != null) ? params : Json.NULL);
		this.methods.put("time", this::time);
		if (crashEnabled) {
			this.methods.put(CRASH, this::crash);
		}
	}

	@Nullable BuiltIn find(String method) {
		return this.methods.get(method);
	}

	/**
	 * The names of all methods that can be called, built in or provided.
	 */
	SortedSet<String> names() {
		SortedSet<String> names = new TreeSet<>(this.methods.keySet());
		names.addAll(this.switchboard.methods());
		return names;
	}

	private Json register(Client caller, @Nullable Json params) throws RpcException {
		String name = name(params);
		// Reserved even if it is off: no provider may pretend to be it
		if (name.startsWith(RESERVED_PREFIX) || this.methods.containsKey(name) || name.equals(CRASH)) {
			throw new RpcException(ErrorCode.NAME_RESERVED, "The name '" + name + "' is reserved");
		}
		return bool(this.switchboard.register(caller, name));
	}

	private Json unregister(Client caller, @Nullable Json params) throws RpcException {
		return bool(this.switchboard.unregister(caller, name(params)));
	}

	private Json cancel(Client caller, @Nullable Json params) throws RpcException {
		Json id = (params != null) ? only(params, "id") : null;
		if (id == null || id.kind() != Kind.STRING && id.kind() != Kind.NUMBER && id.kind() != Kind.NULL) {
			throw new RpcException(ErrorCode.INVALID_PARAMS,
					"The params must be {\"id\": id} or [id], with the id of a call that has no answer yet");
		}
		return bool(this.switchboard.cancel(caller, id));
	}

	private Json methods(Client caller, @Nullable Json params) throws RpcException {
		requireNone(params);
		return new Json(Kind.ARRAY, names().stream().map(Frames::quoted).collect(Collectors.joining(",", "[", "]")));
	}

	private Json time(Client caller, @Nullable Json params) throws RpcException {
		requireNone(params);
		return new Json(Kind.STRING, Frames.quoted(Instant.now(this.clock).toString()));
	}

	/**
	 * Gives no answer: the crash closes the caller's connection.
	 */
	private @Nullable Json crash(Client caller, @Nullable Json params) {
		RequestedCrashException cause = new RequestedCrashException();
		caller.put((link) -> link.crash(cause));
		return null;
	}

	private static Json bool(boolean value) {
		return new Json(Kind.BOOLEAN, Boolean.toString(value));
	}

	private static void requireNone(@Nullable Json params) throws RpcException {
		if (params != null && !(params.elements().isEmpty() && params.members().isEmpty())) {
			throw new RpcException(ErrorCode.INVALID_PARAMS, "The method takes no params");
		}
	}

	private static String name(@Nullable Json params) throws RpcException {
		if (params != null) {
			Json value = only(params, "method");
			String name = (value != null) ? value.string() : null;
			if (name != null && !name.isBlank() && name.length() <= MAX_NAME) {
				return name;
			}
		}
		throw new RpcException(ErrorCode.INVALID_PARAMS,
				"The params must be {\"method\": name} or [name], with a name of 1 to " + MAX_NAME + " characters");
	}

	/**
	 * The only param, given by position or by name; {@code null} if there is not exactly
	 * one.
	 */
	private static @Nullable Json only(Json params, String name) {
		Collection<Json> values = (params.kind() == Kind.ARRAY) ? params.elements() : params.members().values();
		if (values.size() != 1) {
			return null;
		}
		return (params.kind() == Kind.ARRAY) ? values.iterator().next() : params.members().get(name);
	}

	@FunctionalInterface
	interface BuiltIn {

		/**
		 * Does the work.
		 * @param caller the client that made the call
		 * @param params the params of the call
		 * @return the result, {@code null} for no answer at all
		 * @throws RpcException to answer with an error
		 */
		@Nullable Json call(Client caller, @Nullable Json params) throws RpcException;

	}

}
