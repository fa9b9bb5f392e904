package dev.cider.broker.spring.metrics;

/**
 * Whether each endpoint has meters of its own.
 */
public enum PerEndpointMeters {

	/**
	 * Up to {@value #LIMIT} endpoints. Ten series for each endpoint make a scrape slow
	 * and large, and they cost more memory than its supervision.
	 */
	AUTO,

	/** Always. */
	TRUE,

	/** Never: only the totals are registered. */
	FALSE;

	/** How many endpoints have meters of their own with {@link #AUTO}. */
	public static final int LIMIT = 1000;

	boolean areWanted(int endpoints) {
		return this == TRUE || this == AUTO && endpoints <= LIMIT;
	}

}
