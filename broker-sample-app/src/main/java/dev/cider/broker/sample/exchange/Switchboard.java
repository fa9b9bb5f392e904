package dev.cider.broker.sample.exchange;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.cider.broker.sample.exchange.Json.Kind;
import dev.cider.broker.sample.exchange.Message.Request;
import dev.cider.broker.sample.exchange.Message.Response;
import io.netty.util.Timeout;
import io.netty.util.Timer;

/**
 * Passes each call to a provider, and each answer to its caller. Guarded by the
 * exchange's lock.
 */
final class Switchboard {

	private final Directory directory = new Directory();

	private final Limits limits;

	private final Timer timer;

	/** Takes the lock before it calls {@link #expire}. */
	private final Consumer<Call> alarm;

	private long lastId;

	Switchboard(Limits limits, Timer timer, Consumer<Call> alarm) {
		this.limits = limits;
		this.timer = timer;
		this.alarm = alarm;
	}

	boolean register(Client provider, String method) throws RpcException {
		if (provider.methods().size() >= this.limits.maxMethods() && !provider.methods().contains(method)) {
			throw new RpcException(ErrorCode.LIMIT_REACHED,
					"A client may provide at most " + this.limits.maxMethods() + " methods");
		}
		boolean added = provider.methods().add(method);
		if (added) {
			this.directory.add(method, provider);
		}
		return added;
	}

	/**
	 * Undoes {@link #register}. The provider may still answer the calls that it has
	 * already got.
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
		if (caller.made().size() >= this.limits.maxPendingCalls()) {
			throw new RpcException(ErrorCode.LIMIT_REACHED,
					"A client may wait for at most " + this.limits.maxPendingCalls() + " answers");
		}
		String id = Long.toString(++this.lastId);
		Call call = new Call(id, callerId, request.method(), caller, provider, reply);
		provider.toAnswer().put(id, call);
		caller.made()
			.put(call, this.timer.newTimeout((timeout) -> this.alarm.accept(call), this.limits.callTimeout().toNanos(),
					TimeUnit.NANOSECONDS));
		provider.send(Frames.request(id, request.method(), request.params()));
	}

	/**
	 * Passes an answer to the caller, or drops it if no call waits for it. It gets no
	 * error reply: two clients could then reply to each other for ever.
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
	 * Removes all methods of a client, and fails the calls that it has not answered.
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
	 * Drops the calls that a client has made, and their answers.
	 */
	void forget(Client caller) {
		caller.made().forEach((call, timeout) -> {
			timeout.cancel();
			release(call);
		});
		caller.made().clear();
	}

	/**
	 * Fails the calls that a client has made with an id.
	 * @param callerId the caller's own id, written as it was in the call
	 * @return whether there was such a call
	 */
	boolean cancel(Client caller, Json callerId) {
		List<Call> calls = caller.made().keySet().stream().filter((call) -> call.callerId().equals(callerId)).toList();
		calls.forEach((call) -> drop(call, ErrorCode.CANCELLED, "The call of '%s' was cancelled"));
		return !calls.isEmpty();
	}

	/**
	 * Fails a call whose timeout has passed, unless it has just been answered.
	 */
	void expire(Call call) {
		if (call.caller().made().containsKey(call)) {
			drop(call, ErrorCode.TIMED_OUT,
					"The provider of '%s' did not answer within " + this.limits.callTimeout().toMillis() + " ms");
		}
	}

	private static void drop(Call call, int code, String text) {
		release(call);
		fail(call, code, text);
	}

	/**
	 * Tells the provider that its answer is not needed any more.
	 */
	private static void release(Call call) {
		call.provider().toAnswer().remove(call.id());
		call.provider()
			.send(Frames.request(null, "rpc.cancelled", new Json(Kind.OBJECT, "{\"id\":" + call.id() + "}")));
	}

	private static void fail(Call call, int code, String text) {
		finish(call, Frames.error(call.callerId(), code, text.formatted(call.method())));
	}

	private static void finish(Call call, String frame) {
		Timeout timeout = call.caller().made().remove(call);
		if (timeout != null) {
			timeout.cancel();
		}
		call.reply().accept(frame);
		call.caller().closeWhenAnswered();
	}

}
