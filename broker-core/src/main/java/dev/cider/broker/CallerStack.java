package dev.cider.broker;

/**
 * Checks that the calling thread has enough free stack. An overflow in the middle of the
 * broker's work could lose the caller's request, or carry out half of it. An overflow
 * here changes nothing, and the caller gets the error.
 */
final class CallerStack {

	/** Some 30 KB in all: several times what the broker's own frames take. */
	private static final int FRAMES = 256;

	private CallerStack() {
	}

	/**
	 * Returns if enough stack is free.
	 * @throws StackOverflowError if not
	 */
	static void requireRoom() {
		if (descend(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
			throw new IllegalStateException("unreachable: the sum is never 0");
		}
	}

	/** Uses the arguments after the recursive call, so each frame has to keep them. */
	private static long descend(int frames, long a, long b, long c, long d, long e, long f) {
		long sum = a + b + c + d + e + f;
		return (frames == 0) ? sum : Math.max(sum, descend(frames - 1, b, c, d, e, f, a) + (a & b & c & d & e & f));
	}

}
