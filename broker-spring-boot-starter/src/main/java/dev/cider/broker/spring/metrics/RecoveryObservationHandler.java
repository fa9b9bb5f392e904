package dev.cider.broker.spring.metrics;

import java.util.function.Supplier;

import dev.cider.broker.spring.observation.EndpointObservation;
import dev.cider.broker.spring.observation.EndpointObservationContext;
import dev.cider.broker.spring.observation.EndpointOutcome;
import dev.cider.broker.spring.observation.RecoveryListener;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;

/**
 * Records the observed recoveries in {@link RecoveryMeters}, each once: when its
 * observation stops, so that a registry can link the recording to the trace, or else as a
 * listener, if the observation is disabled.
 * <p>
 * Handles all observations of endpoints, so that the handler of Micrometer, which comes
 * later, makes no meters of them: those would have other tags under the same name, and
 * would last as long as the monitor took instead of the endpoint.
 */
public class RecoveryObservationHandler
		implements MeterObservationHandler<EndpointObservationContext>, RecoveryListener {

	private final Supplier<? extends RecoveryMeters> meters;

	/**
	 * A new handler.
	 * @param meters gets the meters at the first recovery. A {@link RecoveryTimer} is
	 * left alone, because it finds the recoveries itself
	 */
	public RecoveryObservationHandler(Supplier<? extends RecoveryMeters> meters) {
		this.meters = meters;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof EndpointObservationContext;
	}

	@Override
	public void onStop(EndpointObservationContext context) {
		if (context.observation() == EndpointObservation.RECOVERY && context.outcome() == EndpointOutcome.READY) {
			recovered(context);
		}
	}

	@Override
	public void removed(String endpoint) {
		RecoveryMeters found = this.meters.get();
		if (!(found instanceof RecoveryTimer)) {
			found.remove(endpoint);
		}
	}

	@Override
	public void recovered(EndpointObservationContext recovery) {
		RecoveryMeters found = this.meters.get();
		if (!(found instanceof RecoveryTimer) && recovery.get(RecoveryMeters.class) == null) {
			recovery.put(RecoveryMeters.class, found);
			found.record(recovery.endpoint(), recovery.down());
		}
	}

}
