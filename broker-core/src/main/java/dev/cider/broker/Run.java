package dev.cider.broker;

/**
 * How far one incarnation has come, seen from the machine: its body makes the instance
 * and serves, its close closes the instance.
 *
 * @param incarnation its number
 * @param body where the thread is that makes the instance and serves it
 * @param close where the close is
 * @param ready whether it said that it serves
 */
record Run(long incarnation, Body body, Close close, boolean ready) {

	static Run launched(long incarnation) {
		return new Run(incarnation, Body.CREATING, Close.NOT_YET, false);
	}

	boolean isOf(Signal.OfIncarnation signal) {
		return signal.incarnation() == this.incarnation;
	}

	Run with(Body body) {
		return new Run(this.incarnation, body, this.close, this.ready);
	}

	Run with(Close close) {
		return new Run(this.incarnation, this.body, close, this.ready);
	}

	Run beingReady() {
		return new Run(this.incarnation, this.body, this.close, true);
	}

	/**
	 * Whether nothing of it runs any more. One whose body failed to make an instance has
	 * nothing to close.
	 */
	boolean isOver() {
		return this.body == Body.OVER && this.close != Close.RUNNING;
	}

	enum Body {

		CREATING, SERVING, OVER

	}

	enum Close {

		NOT_YET, RUNNING, DONE

	}

}
