package dev.cider.broker.spring.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Decides the keys and the contextual name of the observations. Declare a bean of this
 * type to replace {@link DefaultEndpointObservationConvention}, best as a subclass of it.
 * The names of the observations are fixed unless it returns one.
 */
public interface EndpointObservationConvention extends ObservationConvention<EndpointObservationContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof EndpointObservationContext;
	}

}
