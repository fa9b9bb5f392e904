package dev.cider.broker.sample.web;

/**
 * What an endpoint throws because somebody pressed its button on the page.
 */
class PageCrashException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	PageCrashException() {
		super("Somebody pressed Crash on the page");
	}

}
