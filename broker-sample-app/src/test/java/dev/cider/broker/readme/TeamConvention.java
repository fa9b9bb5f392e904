package dev.cider.broker.readme;

import dev.cider.broker.spring.observation.DefaultEndpointObservationConvention;
import dev.cider.broker.spring.observation.EndpointObservationContext;
import io.micrometer.common.KeyValues;

import org.springframework.stereotype.Component;

/**
 * The convention of the reference.
 */
@Component
class TeamConvention extends DefaultEndpointObservationConvention {

	@Override
	public KeyValues getLowCardinalityKeyValues(EndpointObservationContext context) {
		return super.getLowCardinalityKeyValues(context).and("team", "market");
	}

}
