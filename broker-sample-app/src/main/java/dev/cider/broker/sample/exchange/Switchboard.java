package dev.cider.broker.sample.exchange;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import dev.cider.broker.sample.exchange.Message.Request;
import dev.cider.broker.sample.exchange.Message.Response;

/**
 * Connects callers with providers, and each answer with its call. Used under the
 * exchange's lock.
 */
final class Switchboard {

	private final Directory directory = new Directory();

	private long lastId;

	boolean register(Client provider, String method) {
		boolean added = provider.methods().add(method);
		if (added) {
			this.directory.add(method, provider);
		}
		return added;
	}

	/**
	 * Ends what {@link #register} began. Calls that are already with the provider stay
	 * there.
	 */
	boolean unregister(Client provider, String method) {
		boolean removed = provider.methods().remove(method);
		if (removed) {
			this.directory.remove(method, provider);
		}
		return removed;
	}

	Set<String> methods() {
		return this.directory.methods();
	}

	void call(Client caller, Request request, Consumer<String> reply) throws RpcException {
		Client provider = this.directory.next(request.method());
		if (provider == null) {
			throw new RpcException(ErrorCode.METHOD_NOT_FOUND, "Nobody provides '" + request.method() + "'");
		}
		Json callerId = request.id();
		if (callerId == null) {
			provider.send(Frames.request(null, request.method(), request.params()));
			return;
		}
		String id = Long.toString(++this.lastId);
		Call call = new Call(id, callerId, request.method(), caller, provider, reply);
		provider.toAnswer().put(id, call);
		caller.made().add(call);
		provider.send(Frames.request(id, request.method(), request.params()));
	}

	/**
	 * Passes an answer on. One that nobody waits for (any more) is dropped: an error
	 * reply to a reply could go on for ever.
	 */
	void answer(Client provider, Response response) {
		Call call = provider.toAnswer().remove(response.id().text());
		if (call == null) {
			return;
		}
		if (response.result() != null) {
			finish(call, Frames.result(call.callerId(), response.result()));
		}
		else if (response.error() != null) {
			finish(call, Frames.error(call.callerId(), response.error()));
		}
		else {
			fail(call, ErrorCode.BAD_REPLY, "The provider of '%s' sent no valid response");
		}
	}

	/**
	 * Takes back all that a client provides, and fails what it has not answered.
	 */
	void withdraw(Client provider) {
		provider.methods().forEach((method) -> this.directory.remove(method, provider));
		provider.methods().clear();
		List<Call> unanswered = List.copyOf(provider.toAnswer().values());
		provider.toAnswer().clear();
		for (Call call : unanswered) {
			fail(call, ErrorCode.PROVIDER_GONE, "The provider of '%s' disconnected before it answered");
		}
	}

	/**
	 * Drops the calls that a client has made.
	 */
	void forget(Client caller) {
		for (Call call : caller.made()) {
			call.provider().toAnswer().remove(call.id());
		}
		caller.made().clear();
	}

	private void fail(Call call, int code, String text) {
		finish(call, Frames.error(call.callerId(), code, text.formatted(call.method())));
	}

	private void finish(Call call, String frame) {
		call.reply().accept(frame);
		call.caller().made().remove(call);
		call.caller().closeWhenAnswered();
	}

}
