package dev.cider.broker.sample.load;

/**
 * Hears what comes over one {@link Connection}, one thing after another.
 */
interface Ear {

	void heard(String frame);

	/**
	 * Nothing comes any more, whoever ended it. Told once.
	 */
	void ended();

}
