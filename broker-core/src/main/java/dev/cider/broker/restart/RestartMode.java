package dev.cider.broker.restart;

/**
 * After which kind of exit an endpoint is started again.
 */
public enum RestartMode {

	/**
	 * After a crash, unless that happens too often, and after a normal return.
	 */
	ALWAYS(true, true),

	/**
	 * After a crash, unless that happens too often. A normal return finishes the
	 * endpoint.
	 */
	ON_FAILURE(true, false),

	/**
	 * Never: the first crash drops the endpoint, a normal return finishes it.
	 */
	NEVER(false, false);

	private final boolean restartsAfterCrash;

	private final boolean restartsAfterReturn;

	RestartMode(boolean restartsAfterCrash, boolean restartsAfterReturn) {
		this.restartsAfterCrash = restartsAfterCrash;
		this.restartsAfterReturn = restartsAfterReturn;
	}

	/**
	 * Says whether an endpoint is started again after a crash.
	 * @return {@code false} if the first crash drops it
	 */
	public boolean restartsAfterCrash() {
		return this.restartsAfterCrash;
	}

	/**
	 * Says whether an endpoint is started again after a normal return.
	 * @return {@code false} if a normal return finishes it
	 */
	public boolean restartsAfterReturn() {
		return this.restartsAfterReturn;
	}

}
