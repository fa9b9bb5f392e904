package dev.cider.broker;

import java.util.List;

/**
 * How a broker ended.
 *
 * @param stuck the incarnations that were still alive at that moment although they had
 * been asked to close; empty if all went well
 */
public record Termination(List<Stuck> stuck) {

	/**
	 * Makes the list unmodifiable.
	 * @param stuck the incarnations that were still alive
	 */
	public Termination {
		stuck = List.copyOf(stuck);
	}

	/**
	 * An incarnation that did not end in time.
	 *
	 * @param id the endpoint's id; for an endpoint of an inner broker the path to it,
	 * {@code group/member}
	 * @param incarnation the number of the incarnation
	 * @param stack where its thread was, innermost call first; empty if it had just ended
	 * or never began
	 */
	public record Stuck(String id, long incarnation, List<StackTraceElement> stack) {

		/**
		 * Makes the list unmodifiable.
		 * @param id the endpoint's id
		 * @param incarnation the number of the incarnation
		 * @param stack where its thread was
		 */
		public Stuck {
			stack = List.copyOf(stack);
		}

	}

}
