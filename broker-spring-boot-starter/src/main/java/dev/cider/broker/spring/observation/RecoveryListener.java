package dev.cider.broker.spring.observation;

/**
 * Is told of each recovery that ended with {@link EndpointOutcome#READY}, also where no
 * handler saw its observation, since it is disabled or the registry has no handlers.
 */
@FunctionalInterface
public interface RecoveryListener {

	/**
	 * An endpoint is ready again. Called after its observation has stopped, on the thread
	 * of a monitor.
	 * @param recovery the ended observation
	 */
	void recovered(EndpointObservationContext recovery);

}
