package dev.cider.broker;

import java.util.List;

/**
 * The operations of an operator: read the state of endpoints, start, stop and restart
 * them. All methods may be called from any thread, monitors and endpoints included, and
 * return at once: the effect of {@code start}, {@code stop} and {@code restart} is seen
 * in the snapshots.
 * <p>
 * {@code start}, {@code stop} and {@code restart} throw {@link InvalidStateException}
 * before the broker serves, {@link EndpointTerminatedException} when it is terminating or
 * has terminated, and {@link UnknownEndpointException} for an id that was never
 * registered. While the broker serves, their effect depends on the endpoint's state:
 * <pre class="code">
 * state                   start                  stop                    restart
 * REGISTERED              launches               is STOPPED              launches
 * STARTING                throws                 closes, then STOPPED    closes, then launches
 * SERVING                 throws                 closes, then STOPPED    closes, then launches
 * CLOSING toward STOPPED  launches when closed   nothing                 launches when closed
 * CLOSING otherwise       throws                 is STOPPED when closed  launches when closed
 * CLOSING, overdue        throws                 is STOPPED              launches
 * BACKOFF                 throws                 is STOPPED              launches
 * FINISHED                launches               is STOPPED              launches
 * DROPPED                 launches               is STOPPED              launches
 * STOPPED                 launches               nothing                 launches
 * </pre> Where the table says throws, it is an {@link InvalidStateException} that names
 * the state. A closing endpoint is overdue if its incarnation does not end and is not
 * replaced while it lives, see {@link EndpointOptions#replaceAbandoned()}: a stop or a
 * restart gives that incarnation up.
 */
public interface BrokerOperations {

	/**
	 * The state of the broker.
	 * @return the state
	 */
	BrokerState state();

	/**
	 * Snapshots of all endpoints, each consistent in itself.
	 * @return an unmodifiable list in the order of registration
	 */
	List<EndpointSnapshot> endpoints();

	/**
	 * The snapshot of one endpoint.
	 * @param id the endpoint's id
	 * @return the snapshot
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	EndpointSnapshot endpoint(String id);

	/**
	 * The latest crashes of one endpoint, as they were at one moment. If they come faster
	 * than they can be read, the oldest ones are missing.
	 * @param id the endpoint's id
	 * @return an unmodifiable list, newest first
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	List<CrashSummary> history(String id);

	/**
	 * Starts an endpoint that was never started, was stopped, has finished or was
	 * dropped, with a clean count of errors. An endpoint that is still closing after a
	 * stop starts when it has closed. The same holds if the stop was requested but has
	 * not begun yet. When a monitor is told of a drop, the endpoint may still be closing,
	 * and this method throws: use {@link #restart(String)} there.
	 * @param id the endpoint's id
	 * @throws InvalidStateException if the endpoint is starting, serving, waiting for a
	 * restart, closing for another reason than a stop, or overdue
	 */
	void start(String id);

	/**
	 * Stops an endpoint: closes what lives, cancels a pending restart, and leaves it
	 * {@link EndpointState#STOPPED}. Always allowed.
	 * @param id the endpoint's id
	 */
	void stop(String id);

	/**
	 * Restarts an endpoint: closes what lives, then launches a new incarnation. This does
	 * not count as an error. An endpoint in {@link EndpointState#BACKOFF} is launched at
	 * once. For an endpoint that does not run, this is {@link #start(String)}. Always
	 * allowed.
	 * @param id the endpoint's id
	 */
	void restart(String id);

}
