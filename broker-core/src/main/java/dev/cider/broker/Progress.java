package dev.cider.broker;

import java.util.Arrays;

/**
 * How far one incarnation has come, as its machine knows it. The body is the thread that
 * makes the instance and serves it; the close is the call of its {@code close}. There are
 * few such values, so all endpoints share them.
 */
final class Progress {

	private static final Progress[] ALL = all();

	private final Body body;

	private final Close close;

	private final boolean ready;

	private final boolean bodyAwaitsEnd;

	private final boolean closeAwaitsEnd;

	private Progress(int index) {
		this.ready = (index & 1) != 0;
		this.bodyAwaitsEnd = (index & 2) != 0;
		this.closeAwaitsEnd = (index & 4) != 0;
		this.close = Close.values()[(index >> 3) % Close.values().length];
		this.body = Body.values()[(index >> 3) / Close.values().length];
	}

	private static Progress[] all() {
		Progress[] all = new Progress[Body.values().length * Close.values().length << 3];
		Arrays.setAll(all, Progress::new);
		return all;
	}

	private static Progress of(Body body, Close close, boolean ready, boolean bodyAwaitsEnd, boolean closeAwaitsEnd) {
		int threads = body.ordinal() * Close.values().length + close.ordinal();
		int said = (ready ? 1 : 0) + (bodyAwaitsEnd ? 2 : 0) + (closeAwaitsEnd ? 4 : 0);
		return ALL[(threads << 3) + said];
	}

	static Progress launched() {
		return of(Body.CREATING, Close.NOT_YET, false, false, false);
	}

	/**
	 * How far the body has come.
	 */
	Body body() {
		return this.body;
	}

	/**
	 * Whether its instance is being closed, or was.
	 */
	Close close() {
		return this.close;
	}

	/**
	 * Whether the instance has called {@code ready()}.
	 */
	boolean ready() {
		return this.ready;
	}

	Progress with(Body body) {
		return of(body, this.close, this.ready, this.bodyAwaitsEnd, this.closeAwaitsEnd);
	}

	Progress with(Close close) {
		return of(this.body, close, this.ready, this.bodyAwaitsEnd, this.closeAwaitsEnd);
	}

	Progress withReady() {
		return of(this.body, this.close, true, this.bodyAwaitsEnd, this.closeAwaitsEnd);
	}

	/**
	 * One or both of its threads wait for the broker to end.
	 */
	Progress awaitingEnd(boolean body, boolean close) {
		return of(this.body, this.close, this.ready, this.bodyAwaitsEnd || body, this.closeAwaitsEnd || close);
	}

	/**
	 * One or both of its threads no longer wait for the broker to end.
	 */
	Progress awaitingEndNoMore(boolean body, boolean close) {
		return of(this.body, this.close, this.ready, this.bodyAwaitsEnd && !body, this.closeAwaitsEnd && !close);
	}

	/**
	 * Whether its body waits for the broker to end.
	 */
	boolean bodyAwaitsEnd() {
		return this.bodyAwaitsEnd;
	}

	/**
	 * Whether all its running threads wait for the broker to end, so that the broker must
	 * not wait for them.
	 */
	boolean onlyAwaitsEnd() {
		return (this.body == Body.OVER || this.bodyAwaitsEnd) && (this.close != Close.RUNNING || this.closeAwaitsEnd);
	}

	/**
	 * Whether none of its threads runs any more. Without an instance there is nothing to
	 * close.
	 */
	boolean isOver() {
		return this.body == Body.OVER && this.close != Close.RUNNING;
	}

	@Override
	public String toString() {
		return "Progress[" + this.body + ", close " + this.close + (this.ready ? ", ready]" : "]");
	}

	enum Body {

		CREATING, SERVING, OVER

	}

	enum Close {

		NOT_YET, RUNNING, DONE

	}

}
