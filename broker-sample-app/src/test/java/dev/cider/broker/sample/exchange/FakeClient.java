package dev.cider.broker.sample.exchange;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A client without a transport.
 */
class FakeClient implements Link {

	private final List<String> frames = Collections.synchronizedList(new ArrayList<>());

	private final Client client;

	/** Answers a frame, or not ({@code null}). */
	volatile Function<String, @Nullable String> answers = (frame) -> null;

	volatile boolean closed;

	volatile @Nullable Throwable crash;

	FakeClient(Exchange exchange) {
		this.client = exchange.attach(this);
	}

	@Override
	public void send(String frame) {
		this.frames.add(frame);
		String answer = this.answers.apply(frame);
		if (answer != null) {
			this.client.receive(answer);
		}
	}

	@Override
	public void close() {
		this.closed = true;
	}

	@Override
	public void crash(RequestedCrashException cause) {
		this.crash = cause;
	}

	/**
	 * Provides a method, and takes the answer to that out of the frames.
	 */
	FakeClient provides(String method) {
		this.client
			.receive("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"rpc.register\",\"params\":[\"" + method + "\"]}");
		if (!this.frames.remove("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":true}")) {
			throw new AssertionError("Not registered: " + this.frames);
		}
		return this;
	}

	void says(String frame) {
		this.client.receive(frame);
	}

	void asks(String id, String method) {
		says("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\"}");
	}

	void asks(String id, String method, String params) {
		says("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}");
	}

	void endsInput() {
		this.client.endInput();
	}

	void leaves() {
		this.client.detach();
	}

	/**
	 * What it was sent since it was last asked.
	 */
	List<String> heard() {
		synchronized (this.frames) {
			List<String> heard = List.copyOf(this.frames);
			this.frames.clear();
			return heard;
		}
	}

	static String result(String id, String result) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}";
	}

	static String request(String id, String method, String params) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
	}

	static String errorStart(String id, int code) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"";
	}

}
