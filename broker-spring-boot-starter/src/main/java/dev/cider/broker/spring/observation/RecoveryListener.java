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

	/**
	 * An endpoint was removed while its broker serves. It recovers no more; another one
	 * may be added under the same id. Called on the thread of the same monitor.
	 * @param endpoint the id of the endpoint
	 */
	default void removed(String endpoint) {
	}

}
