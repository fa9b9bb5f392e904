package dev.cider.broker;

/**
 * Which one an endpoint is of several endpoints that have the same factory: the second of
 * four.
 *
 * @param number its number, from 1 to {@code total}
 * @param total how many there are
 */
public record InstanceNumber(int number, int total) {

	/** Of an endpoint that has its factory for itself. */
	static final InstanceNumber ONLY = new InstanceNumber(1, 1);

	/**
	 * Checks the number.
	 * @param number its number
	 * @param total how many there are
	 * @throws IllegalArgumentException if the number is below 1 or above the total
	 */
	public InstanceNumber {
		if (number < 1 || number > total) {
			throw new IllegalArgumentException("Invalid instance (" + number + " of " + total
					+ "): the number must be at least 1 and at most the total");
		}
	}

}
