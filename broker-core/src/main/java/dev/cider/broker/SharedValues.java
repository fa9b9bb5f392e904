package dev.cider.broker;

import java.util.function.LongFunction;

/**
 * Immutable values that carry nothing but a number. Values of small numbers are shared:
 * most endpoints have few incarnations, and each start would make the same values again.
 * A value is made when it is needed first, as without sharing.
 */
final class SharedValues<T> {

	private static final int COUNT = 32;

	private final LongFunction<T> maker;

	/** A benign race: two threads may each make an equal value of a number. */
	private final Object[] shared = new Object[COUNT];

	SharedValues(LongFunction<T> maker) {
		this.maker = maker;
	}

	@SuppressWarnings("unchecked")
	T get(long number) {
		if (number < 0 || number >= COUNT) {
			return this.maker.apply(number);
		}
		T value = (T) this.shared[(int) number];
		if (value == null) {
			value = this.maker.apply(number);
			this.shared[(int) number] = value;
		}
		return value;
	}

}
