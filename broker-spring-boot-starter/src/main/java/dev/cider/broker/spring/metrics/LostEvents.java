package dev.cider.broker.spring.metrics;

import java.util.function.LongSupplier;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meter {@code broker.events.lost}: function counter, events that were never
 * published because the listeners did not keep up; no tags. Registered at 0.
 */
public class LostEvents implements MeterBinder {

	private static final String NAME = "broker.events.lost";

	private final LongSupplier count;

	/**
	 * A new counter.
	 * @param count returns how many events were lost so far; never decreases
	 */
	public LostEvents(LongSupplier count) {
		this.count = count;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		// The registry holds this object by a weak reference. As a bean it lives as long
		// as the context.
		FunctionCounter.builder(NAME, this, (lost) -> lost.count.getAsLong())
			.description("Events never published because the listeners did not keep up")
			.register(registry);
	}

}
