package dev.cider.broker.sample.web;

/**
 * Thrown by an endpoint because a user pressed its Crash button on the page.
 */
class PageCrashException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	PageCrashException() {
		super("Somebody pressed Crash on the page");
	}

}
