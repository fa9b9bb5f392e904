package dev.cider.broker;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The operations of an operator: read the state of endpoints, start, stop and restart
 * them, add and remove endpoints. All methods may be called from any thread, monitors and
 * endpoints included, and return at once: the effect of {@code start}, {@code stop} and
 * {@code restart} is seen in the snapshots.
 * <p>
 * All methods but those that read throw {@link InvalidStateException} before the broker
 * serves and {@link EndpointTerminatedException} when it is terminating or has
 * terminated. {@code start}, {@code stop}, {@code restart} and {@code remove} throw
 * {@link UnknownEndpointException} for an id that was never registered or added, or was
 * removed. While the broker serves, their effect depends on the endpoint's state:
 * <pre class="code">
 * state                   start                  stop                    restart
 * REGISTERED              launches               is STOPPED              launches
 * STARTING                throws                 closes, then STOPPED    closes, then launches
 * SERVING                 throws                 closes, then STOPPED    closes, then launches
 * CLOSING toward STOPPED  launches when closed   nothing                 launches when closed
 * CLOSING otherwise       throws                 is STOPPED when closed  launches when closed
 * CLOSING, overdue        throws                 is STOPPED              launches
 * BACKOFF                 throws                 is STOPPED              launches
 * WAITING                 throws                 is STOPPED              nothing
 * FINISHED                launches               is STOPPED              launches
 * DROPPED                 launches               is STOPPED              launches
 * STOPPED                 launches               nothing                 launches
 * </pre> Where the table says launches, an endpoint that must be admitted first is
 * {@link EndpointState#WAITING} instead. Where it says throws, it is an
 * {@link InvalidStateException} that names the state. A closing endpoint is overdue if
 * its incarnation does not end and is not replaced while it lives, see
 * {@link EndpointOptions#replaceAbandoned()}: a stop or a restart gives that incarnation
 * up.
 * <p>
 * {@link #remove(String) remove} closes what lives and launches nothing, in every state;
 * it gives up what is overdue. From then on {@code start} and {@code restart} throw, and
 * {@code stop} does nothing.
 */
public interface BrokerOperations {

	/**
	 * The state of the broker.
	 * @return the state
	 */
	BrokerState state();

	/**
	 * Snapshots of all endpoints, each consistent in itself.
	 * @return an unmodifiable list in the order of registration and addition
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
	 * What endpoints wait for, as the broker last saw it.
	 * @return an unmodifiable list of all gates that were asked, or that the broker
	 * knows, in the order of registration
	 */
	default List<GateSnapshot> gates() {
		return List.of();
	}

	/**
	 * Starts an endpoint that was never started, was stopped, has finished or was
	 * dropped, with a clean count of errors. An endpoint that is still closing after a
	 * stop starts when it has closed. The same holds if the stop was requested but has
	 * not begun yet. When a monitor is told of a drop, the endpoint may still be closing,
	 * and this method throws: use {@link #restart(String)} there.
	 * @param id the endpoint's id
	 * @throws InvalidStateException if the endpoint is starting, serving, waiting to be
	 * admitted or for a restart, closing for another reason than a stop, or overdue
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
	 * once; one that is {@link EndpointState#WAITING} goes on waiting, but no longer for
	 * its turn. For an endpoint that does not run, this is {@link #start(String)}. Always
	 * allowed.
	 * @param id the endpoint's id
	 */
	void restart(String id);

	/**
	 * Adds an endpoint to the serving broker, and launches it at once unless its options
	 * say otherwise. If {@link #remove(String)} has removed an endpoint of this id before
	 * and an abandoned incarnation of it is still alive, the new endpoint goes on
	 * counting its incarnations, and counts the abandoned ones; otherwise it begins with
	 * incarnation 1. To add endpoints before the broker serves, register them with
	 * {@link Broker#registerEndpointFactory}.
	 * @param <F> the type of the factory
	 * @param id the endpoint's id, not blank and not taken; an endpoint has its id until
	 * it is removed
	 * @param factory makes its instances; if it is a {@link ContextualEndpointFactory} it
	 * is treated as one
	 * @param options how the endpoint is supervised
	 * @throws IllegalArgumentException if the id is blank or taken, or if the endpoint
	 * would wait for ever for another one
	 * @throws InvalidStateException before the broker serves
	 * @throws EndpointTerminatedException if the broker is terminating or has terminated,
	 * or its termination was announced
	 */
	<F extends EndpointFactory> void add(String id, F factory, EndpointOptions options);

	/**
	 * Adds an endpoint whose instances get an {@link EndpointContext}, as
	 * {@link #add(String, EndpointFactory, EndpointOptions)} does.
	 * @param id the endpoint's id, not blank and not taken
	 * @param factory makes its instances
	 * @param options how the endpoint is supervised
	 * @throws IllegalArgumentException if the id is blank or taken, or if the endpoint
	 * would wait for ever for another one
	 * @throws InvalidStateException before the broker serves
	 * @throws EndpointTerminatedException if the broker is terminating or has terminated,
	 * or its termination was announced
	 */
	void add(String id, ContextualEndpointFactory factory, EndpointOptions options);

	/**
	 * Removes an endpoint from the serving broker: closes what lives, waits until it has
	 * ended or was abandoned, and then forgets the endpoint with its history. Returns at
	 * once; from then on {@link #start(String)} and {@link #restart(String)} of this
	 * endpoint throw {@link InvalidStateException}. When the future completes, every
	 * method throws {@link UnknownEndpointException} for this id, and
	 * {@link #add(String, EndpointFactory, EndpointOptions) add} may use it again. When
	 * the last endpoint of a broker is removed, or all that are left have finished or
	 * were dropped, the broker terminates by itself, unless it
	 * {@linkplain Broker.Builder#keepServing(boolean) keeps serving}.
	 * <p>
	 * Each call returns another future, as {@link Broker#terminated()} does. A second
	 * call for the same endpoint gives a future of the same removal. If the broker
	 * terminates meanwhile, the future completes all the same. A monitor may be told of
	 * the endpoint after it is gone: its last notifications may still wait. An abandoned
	 * incarnation that outlives its endpoint is listed in {@link Termination#stuck()}.
	 * @param id the endpoint's id
	 * @return completes when the endpoint is forgotten
	 * @throws InvalidStateException before the broker serves
	 * @throws EndpointTerminatedException if the broker is terminating or has terminated
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	CompletableFuture<Void> remove(String id);

}
