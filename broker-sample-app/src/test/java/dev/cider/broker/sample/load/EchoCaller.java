package dev.cider.broker.sample.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Asks over one wire, and checks that the answers come in the order of the requests.
 */
final class EchoCaller {

	private static final String PARAMS = ",\"params\":[\"0123456789abcdef0123456789abcdef\"]}";

	private static final int PATIENCE = 100;

	private final Wire wire;

	private final String method;

	private int sent;

	private int answered;

	EchoCaller(Wire wire, String method) {
		this.wire = wire;
		this.method = method;
	}

	/**
	 * Keeps so many requests on their way.
	 * @return how many were answered in one second
	 */
	double pipelined(int window, long nanos) throws IOException {
		int before = this.answered;
		long start = System.nanoTime();
		for (int i = 0; i < window; i++) {
			ask();
		}
		this.wire.flush();
		while (this.answered < this.sent) {
			awaitAnswer();
			if (System.nanoTime() - start < nanos) {
				ask();
			}
			if (!this.wire.hasMore()) {
				this.wire.flush();
			}
		}
		return (this.answered - before) * 1e9 / (System.nanoTime() - start);
	}

	/**
	 * Asks, waits for the answer, and asks again.
	 * @return how long each took
	 */
	long[] oneByOne(long nanos) throws IOException {
		long[] times = new long[1_000_000];
		int count = 0;
		long start = System.nanoTime();
		long now = start;
		while (now - start < nanos && count < times.length) {
			ask();
			this.wire.flush();
			awaitAnswer();
			long then = System.nanoTime();
			times[count++] = then - now;
			now = then;
		}
		return Arrays.copyOf(times, count);
	}

	private void ask() throws IOException {
		this.wire.send(("{\"jsonrpc\":\"2.0\",\"id\":" + ++this.sent + ",\"method\":\"" + this.method + "\"" + PARAMS)
			.getBytes(StandardCharsets.US_ASCII));
	}

	private void awaitAnswer() throws IOException {
		byte[] answer = null;
		for (int i = 0; answer == null && i < PATIENCE; i++) {
			answer = this.wire.receive();
		}
		if (answer == null) {
			throw new IOException("No answer to " + this.method + " " + (this.answered + 1));
		}
		String text = new String(answer, StandardCharsets.US_ASCII);
		if (text.contains("\"error\"") || id(text) != ++this.answered) {
			throw new IOException("Not the answer to " + this.method + " " + this.answered + ": " + text);
		}
	}

	static int id(String frame) {
		int start = frame.indexOf("\"id\":") + "\"id\":".length();
		int id = 0;
		for (int i = start; Character.isDigit(frame.charAt(i)); i++) {
			id = 10 * id + frame.charAt(i) - '0';
		}
		return id;
	}

}
