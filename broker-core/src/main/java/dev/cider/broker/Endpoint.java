package dev.cider.broker;

/**
 * Something that serves until it is closed: a TCP server, a feed, a consumer. "Every
 * service is represented by a single Exchange where all transport endpoints for that
 * particular service are interconnected", as the original broker puts it; an endpoint is
 * one such transport.
 * <p>
 * An instance lives once. The broker takes it from its factory, calls
 * {@link #listenAndServe()} at most once and {@link #close()} exactly once, and then
 * forgets it. A replacement is a new instance from the same factory, so there is no state
 * to clean up in between. Whatever an instance holds (sockets, files, threads of its own)
 * it must release in {@code close}, or it leaks once per restart.
 */
public interface Endpoint {

	/**
	 * Serves, and blocks until the endpoint is done. Called on a thread of its own, named
	 * {@code broker-<id>-<incarnation>}.
	 * <p>
	 * To return is to be finished: the endpoint is not started again, unless its restart
	 * mode is {@code ALWAYS}. To throw is to crash, whatever is thrown: the broker
	 * reports it and starts a new instance, unless that happens too often. Once
	 * {@link #close()} was called, both mean the same: the end.
	 * @throws Exception if the endpoint can serve no longer
	 */
	void listenAndServe() throws Exception;

	/**
	 * Makes {@link #listenAndServe()} return soon, releases what the instance holds, and
	 * blocks until that is done.
	 * <p>
	 * Called exactly once on every instance that a factory returned: after a crash or a
	 * normal return on the thread that served; on a stop, or after a timeout, while
	 * {@code listenAndServe} is running, on another thread. That other thread may win the
	 * race and call it just before {@code listenAndServe} begins, which must then return
	 * soon too. An instance that is made too late, when a stop has been asked for
	 * already, is closed and never served.
	 * <p>
	 * If all this takes longer than the close timeout, the threads in both methods are
	 * interrupted; if that does not help either, the incarnation is abandoned. An
	 * exception is logged and changes nothing.
	 * @throws Exception if closing fails
	 */
	void close() throws Exception;

}
