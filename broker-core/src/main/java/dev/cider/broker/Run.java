package dev.cider.broker;

/**
 * How far one incarnation has come, seen from the machine: its body makes the instance
 * and serves, its close closes the instance. There are few such values, so all endpoints
 * share them.
 */
final class Run {

	private static final Run[] ALL = all();

	private final Body body;

	private final Close close;

	private final boolean ready;

	private Run(Body body, Close close, boolean ready) {
		this.body = body;
		this.close = close;
		this.ready = ready;
	}

	private static Run[] all() {
		Run[] all = new Run[Body.values().length * Close.values().length * 2];
		for (Body body : Body.values()) {
			for (Close close : Close.values()) {
				all[index(body, close, false)] = new Run(body, close, false);
				all[index(body, close, true)] = new Run(body, close, true);
			}
		}
		return all;
	}

	private static int index(Body body, Close close, boolean ready) {
		return (body.ordinal() * Close.values().length + close.ordinal()) * 2 + (ready ? 1 : 0);
	}

	private static Run of(Body body, Close close, boolean ready) {
		return ALL[index(body, close, ready)];
	}

	static Run launched() {
		return of(Body.CREATING, Close.NOT_YET, false);
	}

	/**
	 * Where the thread is that makes the instance and serves it.
	 */
	Body body() {
		return this.body;
	}

	/**
	 * Whether it said that it serves.
	 */
	boolean ready() {
		return this.ready;
	}

	Run with(Body body) {
		return of(body, this.close, this.ready);
	}

	Run with(Close close) {
		return of(this.body, close, this.ready);
	}

	Run beingReady() {
		return of(this.body, this.close, true);
	}

	/**
	 * Whether nothing of it runs any more. One whose body failed to make an instance has
	 * nothing to close.
	 */
	boolean isOver() {
		return this.body == Body.OVER && this.close != Close.RUNNING;
	}

	@Override
	public String toString() {
		return "Run[" + this.body + ", close " + this.close + (this.ready ? ", ready]" : "]");
	}

	enum Body {

		CREATING, SERVING, OVER

	}

	enum Close {

		NOT_YET, RUNNING, DONE

	}

}
