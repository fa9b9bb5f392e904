package dev.cider.broker.spring.observation;

import java.util.Locale;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * The convention that is used unless there is a bean of its type. Each observation has
 * the low-cardinality keys {@code endpoint}, {@code phase}, {@code outcome} and
 * {@code exception}, with the value {@value #NONE} for what there is not, and the
 * high-cardinality key {@code incarnation}. The contextual name, which is the name of the
 * span, is for example {@code recovery prices}.
 */
public class DefaultEndpointObservationConvention implements EndpointObservationConvention {

	/** The value of a key that does not apply. */
	public static final String NONE = "none";

	/** A new convention. */
	public DefaultEndpointObservationConvention() {
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(EndpointObservationContext context) {
		EndpointOutcome outcome = context.outcome();
		return KeyValues.of(KeyValue.of("endpoint", context.endpoint()), KeyValue.of("phase", name(context.phase())),
				KeyValue.of("outcome", name(outcome).toLowerCase(Locale.ROOT)),
				KeyValue.of("exception", orNone(context.exception())));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(EndpointObservationContext context) {
		return KeyValues.of("incarnation", Long.toString(context.incarnation()));
	}

	@Override
	public String getContextualName(EndpointObservationContext context) {
		return context.observation().contextualName(context.endpoint());
	}

	private static String name(@Nullable Enum<?> value) {
		return orNone((value != null) ? value.name() : null);
	}

	private static String orNone(@Nullable String value) {
		return (value != null) ? value : NONE;
	}

}
