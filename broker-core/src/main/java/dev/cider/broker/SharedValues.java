package dev.cider.broker;

import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Immutable values that carry nothing but a number. Values of small numbers are shared:
 * most endpoints have few incarnations, and each start would make the same four values
 * again.
 */
final class SharedValues<T> {

	private static final int COUNT = 32;

	private final LongFunction<T> maker;

	private final Object[] shared;

	SharedValues(LongFunction<T> maker) {
		this.maker = maker;
		this.shared = LongStream.range(0, COUNT).mapToObj(maker).toArray();
	}

	@SuppressWarnings("unchecked")
	T get(long number) {
		return (number >= 0 && number < COUNT) ? (T) this.shared[(int) number] : this.maker.apply(number);
	}

}
