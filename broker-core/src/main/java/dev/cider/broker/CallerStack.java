package dev.cider.broker;

/**
 * Looks whether a caller has left enough of its stack. A stack that overflows in the
 * middle of the broker's work loses what the caller asked for, or half of it; one that
 * overflows here has changed nothing, and the caller hears of it.
 */
final class CallerStack {

	/** Some 30 KB in all: several times what the broker's own frames take. */
	private static final int FRAMES = 256;

	private CallerStack() {
	}

	/**
	 * Returns if there is enough left.
	 * @throws StackOverflowError if not
	 */
	static void requireRoom() {
		if (descend(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
			throw new IllegalStateException("the sum of ones is not 0");
		}
	}

	/** All that is passed on is needed afterwards, so each frame has to keep it. */
	private static long descend(int frames, long a, long b, long c, long d, long e, long f) {
		long sum = a + b + c + d + e + f;
		return (frames == 0) ? sum : Math.max(sum, descend(frames - 1, b, c, d, e, f, a) + (a & b & c & d & e & f));
	}

}
