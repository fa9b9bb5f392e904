package dev.cider.broker;

import java.util.concurrent.CountDownLatch;

/**
 * One of its methods hangs until it is let go, whatever interrupts it.
 */
@SuppressWarnings("serial")
final class HangingException extends Exception {

	private final Part part;

	private final CountDownLatch hangs;

	private final CountDownLatch letGo;

	HangingException(Part part, CountDownLatch hangs, CountDownLatch letGo) {
		this.part = part;
		this.hangs = hangs;
		this.letGo = letGo;
	}

	private void hangIn(Part called) {
		if (called == this.part) {
			this.hangs.countDown();
			Waiting.onDeaf(this.letGo);
		}
	}

	@Override
	public String getMessage() {
		hangIn(Part.MESSAGE);
		return "hung";
	}

	@Override
	public synchronized Throwable getCause() {
		hangIn(Part.CAUSE);
		return null;
	}

	@Override
	public StackTraceElement[] getStackTrace() {
		hangIn(Part.STACK);
		return new StackTraceElement[0];
	}

	/**
	 * Where it hangs.
	 */
	enum Part {

		MESSAGE, CAUSE, STACK

	}

}
