package dev.cider.broker;

import java.util.Arrays;

/**
 * How far one incarnation has come, as its machine knows it. The body is the thread that
 * makes the instance and serves it; the close is the call of its {@code close}. There are
 * few such values, so all endpoints share them.
 */
final class Progress {

	private static final int READY = 1;

	private static final int BODY_AWAITS_END = 2;

	private static final int CLOSE_AWAITS_END = 4;

	private static final int INTERRUPTED = 8;

	private static final int OVERDUE = 16;

	private static final int FLAG_BITS = 5;

	private static final Progress[] ALL = all();

	private final Stage body;

	private final Close close;

	/** The flags above. */
	private final int flags;

	private Progress(int index) {
		int threads = index >> FLAG_BITS;
		this.body = Stage.values()[threads / Close.values().length];
		this.close = Close.values()[threads % Close.values().length];
		this.flags = index & ((1 << FLAG_BITS) - 1);
	}

	private static Progress[] all() {
		Progress[] all = new Progress[(Stage.values().length * Close.values().length) << FLAG_BITS];
		Arrays.setAll(all, Progress::new);
		return all;
	}

	private static Progress of(Stage body, Close close, int flags) {
		int threads = body.ordinal() * Close.values().length + close.ordinal();
		return ALL[(threads << FLAG_BITS) + flags];
	}

	static Progress launched() {
		return of(Stage.CREATING, Close.NOT_YET, 0);
	}

	/**
	 * How far the body has come.
	 */
	Stage body() {
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
		return has(READY);
	}

	/**
	 * Whether the close timeout has passed once and its threads were interrupted.
	 */
	boolean interrupted() {
		return has(INTERRUPTED);
	}

	/**
	 * Whether it has not ended although its close timeout has passed twice, and the
	 * endpoint waits for it nevertheless.
	 */
	boolean overdue() {
		return has(OVERDUE);
	}

	private boolean has(int flag) {
		return (this.flags & flag) != 0;
	}

	Progress with(Stage body) {
		return of(body, this.close, this.flags);
	}

	Progress with(Close close) {
		return of(this.body, close, this.flags);
	}

	Progress withReady() {
		return of(this.body, this.close, this.flags | READY);
	}

	Progress withInterrupt() {
		return of(this.body, this.close, this.flags | INTERRUPTED);
	}

	Progress waitedFor() {
		return of(this.body, this.close, this.flags | OVERDUE);
	}

	/**
	 * One or both of its threads wait for the broker to end.
	 */
	Progress awaitingEnd(boolean body, boolean close) {
		return of(this.body, this.close, this.flags | awaits(body, close));
	}

	/**
	 * One or both of its threads no longer wait for the broker to end.
	 */
	Progress awaitingEndNoMore(boolean body, boolean close) {
		return of(this.body, this.close, this.flags & ~awaits(body, close));
	}

	private static int awaits(boolean body, boolean close) {
		return (body ? BODY_AWAITS_END : 0) | (close ? CLOSE_AWAITS_END : 0);
	}

	/**
	 * Whether its body waits for the broker to end.
	 */
	boolean bodyAwaitsEnd() {
		return has(BODY_AWAITS_END);
	}

	/**
	 * Whether all its running threads wait for the broker to end, so that the broker must
	 * not wait for them.
	 */
	boolean onlyAwaitsEnd() {
		return (this.body == Stage.OVER || bodyAwaitsEnd()) && (this.close != Close.RUNNING || has(CLOSE_AWAITS_END));
	}

	/**
	 * Whether none of its threads runs any more. Without an instance there is nothing to
	 * close.
	 */
	boolean isOver() {
		return this.body == Stage.OVER && this.close != Close.RUNNING;
	}

	@Override
	public String toString() {
		return "Progress[" + this.body + ", close " + this.close + (ready() ? ", ready]" : "]");
	}

	enum Stage {

		CREATING, SERVING, OVER

	}

	enum Close {

		NOT_YET, RUNNING, DONE

	}

}
