package dev.cider.broker.sample.load;

/**
 * What an echo goes through.
 */
enum Variant {

	/** Caller, bare server, caller. */
	BARE_ECHO(true, false),

	/** Caller, exchange, caller: the built-in method. */
	OUR_ECHO(false, false),

	/** Caller, bare server, provider, bare server, caller. */
	BARE_RELAY(true, true),

	/** Caller, exchange, provider, exchange, caller. */
	OUR_CALL(false, true);

	final boolean bare;

	final boolean provided;

	Variant(boolean bare, boolean provided) {
		this.bare = bare;
		this.provided = provided;
	}

}
