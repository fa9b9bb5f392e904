package dev.cider.broker;

/**
 * Something that serves until it is closed: a TCP server, a feed, a consumer. "Every
 * service is represented by a single Exchange where all transport endpoints for that
 * particular service are interconnected", as the original broker puts it; an endpoint is
 * one such transport.
 * <p>
 * An instance is used for one run. The broker takes it from its factory, calls
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
	 * If this method returns, the endpoint is finished: the broker does not start it
	 * again, unless its restart mode is {@code ALWAYS}. If it throws anything, the
	 * endpoint has crashed: the broker reports the crash and starts a new instance,
	 * unless the endpoint crashes too often. Once a close was asked for, a return and a
	 * throw mean the same: the run has ended.
	 * @throws Exception if the endpoint can serve no longer
	 */
	void listenAndServe() throws Exception;

	/**
	 * Makes {@link #listenAndServe()} return soon, releases what the instance holds, and
	 * blocks until that is done.
	 * <p>
	 * Called exactly once on every instance that a factory returned. After a crash or a
	 * normal return, the thread that served calls it. On a stop or after a timeout,
	 * another thread calls it while {@code listenAndServe} is running, or just before it
	 * begins: then {@code listenAndServe} must return soon too. An instance that is made
	 * too late, when a stop has been asked for already, is closed and never served.
	 * <p>
	 * If one of the two methods has not ended within the close timeout, the broker
	 * interrupts the threads in them; if that does not help, it abandons the incarnation.
	 * An exception is logged and changes nothing.
	 * @throws Exception if closing fails
	 */
	void close() throws Exception;

	/**
	 * Makes an endpoint of two methods that exist already, for example of an engine:
	 * {@code () -> Endpoint.of(engine::run, engine::close)} is a factory, if it makes a
	 * new engine each time.
	 * @param serve is called as {@link #listenAndServe()}
	 * @param close is called as {@link #close()}
	 * @return a new endpoint, for one run
	 */
	static Endpoint of(Body serve, Body close) {
		return new ComposedEndpoint(serve, close);
	}

	/**
	 * Makes an endpoint of a method that ends when its thread is interrupted. To close it
	 * is to interrupt the thread that serves.
	 * <p>
	 * An interrupt ends queues, locks, {@code Thread.sleep}, a {@code WatchService},
	 * {@code HttpClient.send} and a {@code SocketChannel} on every thread. It ends a read
	 * or an accept of {@code java.net} sockets only on a virtual thread, and a read from
	 * a pipe on none. A loop that computes has to ask {@link Thread#isInterrupted()}.
	 * What an interrupt does not end needs {@link #of(Body, Body)}.
	 * @param serve is called as {@link #listenAndServe()}; releases what it holds before
	 * it ends
	 * @return a new endpoint, for one run
	 */
	static Endpoint interruptible(Body serve) {
		return new InterruptibleEndpoint(serve);
	}

	/**
	 * What an endpoint does in one of its two methods.
	 */
	@FunctionalInterface
	interface Body {

		/**
		 * Runs until it is done.
		 * @throws Exception if it fails
		 */
		void run() throws Exception;

	}

}
