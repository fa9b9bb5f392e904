package dev.cider.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Supervises a set of endpoints. The broker makes an instance of each endpoint from its
 * factory, serves it on a thread of its own, and replaces it when it crashes, unless it
 * crashes too often. <pre class="code">
 * Broker broker = Broker.create();
 * broker.registerEndpointFactory("tcp", () -&gt; new TcpEndpoint(7070));
 * broker.monitor((report) -&gt; alert(report));
 * broker.listenAndServe(); // returns at once
 * ...
 * broker.close(); // stops all, in order
 * </pre> First register, then {@link #listenAndServe()}, then {@link #terminate()}: a
 * call in the wrong order throws {@link InvalidStateException}. All methods may be called
 * from any thread, and except for {@link #await()} and {@link #close()} none of them
 * waits; only in a JVM without memory they wait until there is some.
 * <p>
 * One non-daemon thread, {@code broker-keep-alive}, keeps the JVM alive while an endpoint
 * has not finished. An endpoint that was dropped, stopped or not started yet has not
 * finished: without that thread the JVM would then exit, with code 0. All other threads
 * are daemons. A broker whose endpoints have all finished or were dropped terminates by
 * itself, unless it was built with {@link Builder#keepServing(boolean)}.
 */
public final class Broker implements BrokerOperations, AutoCloseable {

	/** Delay of the first check which threads wait for the broker to terminate. */
	private static final Duration FIRST_LOOK = Duration.ofMillis(100);

	private static final Signal ANNOUNCEMENT = new Signal.AnnounceTermination();

	private static final Signal TERMINATE = new Signal.Terminate();

	private final Threads threads;

	private final BrokerServices services;

	/** Cleared by listenAndServe: else all earlier brokers would stay in memory. */
	private volatile @Nullable Broker previous;

	private final EndpointRegistry endpoints = new EndpointRegistry();

	/**
	 * Guards changes of {@link #state}. Orders registration and listenAndServe: the
	 * broker either serves an endpoint or refuses its registration. No user code runs
	 * under it.
	 */
	private final Object lock = new Object();

	/** Never TERMINATED: the broker has terminated when {@link #over} is done. */
	private volatile BrokerState state = BrokerState.INITIALISED;

	/** Set before the endpoints get the announcement. */
	private volatile boolean announced;

	/** Set when this broker terminates, before an endpoint is told. */
	private volatile @Nullable StopOrder stopOrder;

	/**
	 * Endpoints not over yet, plus 1 each until listenAndServe and terminate are done.
	 */
	private final AtomicInteger remaining = new AtomicInteger(2);

	/** Whether another broker has taken over, see {@link Builder#continuing}. */
	private final AtomicBoolean handedOver = new AtomicBoolean();

	/** Whether the checks for threads that wait for the termination have begun. */
	private final AtomicBoolean looking = new AtomicBoolean();

	/** Cancelled at the end: the timer thread lives while a task is pending. */
	private volatile Time.@Nullable Timer nextLook;

	private final CompletableFuture<Termination> over = new CompletableFuture<>();

	/** How many abandoned incarnations still run, in this broker and in inner brokers. */
	private final AtomicInteger abandoned = new AtomicInteger();

	/** Called on each change of {@link #asInner()}, if this is an inner broker. */
	private volatile @Nullable Runnable outside;

	private final KeepAlive keepAlive;

	private final List<EndpointGroup> groups;

	private Broker(Builder builder) {
		Broker earlier = builder.previous;
		this.previous = earlier;
		this.groups = List.copyOf(builder.groups.values());
		this.threads = (builder.threads != null) ? builder.threads
				: new Threads(builder.threadFactory, builder.threadDecorator);
		Time time = (builder.time != null) ? builder.time
				: new SystemTime((task) -> this.threads.own("broker-timer", task));
		SeenInstances seen = (earlier != null) ? earlier.services.seen() : new SeenInstances();
		// One reference until listenAndServe is done. One more, never released, to keep
		// serving.
		ServingReferences servingReferences = new ServingReferences(builder.keepServing ? 2 : 1, this::terminateOnce);
		Monitors monitors = new Monitors();
		this.keepAlive = new KeepAlive(this.threads::holdingTheJvm, monitors);
		SignalThread signals = new SignalThread(this.threads, builder.slice);
		AdmissionDesk desk = new AdmissionDesk(builder.admission(), this.groups, time, this.threads, signals, monitors,
				this.endpoints::find);
		this.services = new BrokerServices(time, this.threads, signals, monitors, seen, servingReferences,
				this.keepAlive, new EndAwaiters(), builder.historySize, this::endpointIsOver, this::abandonedChanged,
				desk);
	}

	/**
	 * A broker with all the defaults.
	 * @return a new broker
	 */
	public static Broker create() {
		return builder().build();
	}

	/**
	 * A builder that starts from the defaults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * The one broker of this JVM, for applications that need no more than one. The
	 * original broker's {@code DefaultBroker}.
	 * @return always the same broker, also when it has terminated
	 */
	public static Broker getDefault() {
		return Default.BROKER;
	}

	/**
	 * The version of this library.
	 * @return for example {@code 0.1.0}
	 */
	public static String version() {
		return Version.VALUE;
	}

	/**
	 * Registers an endpoint with {@link EndpointOptions#defaults()}.
	 * @param <F> the type of the factory
	 * @param id the endpoint's id, not blank, not yet registered
	 * @param factory makes its instances
	 * @throws IllegalArgumentException if the id is blank or registered already
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public <F extends EndpointFactory> void registerEndpointFactory(String id, F factory) {
		registerEndpointFactory(id, factory, EndpointOptions.defaults());
	}

	/**
	 * Registers an endpoint.
	 * <p>
	 * The type parameter is for Kotlin, which could not choose between two functional
	 * interfaces for one lambda. In Kotlin a lambda or a function reference always
	 * becomes a {@link ContextualEndpointFactory}, even if it ignores its context. For a
	 * plain factory write {@code EndpointFactory { Feed() }}.
	 * @param <F> the type of the factory
	 * @param id the endpoint's id, not blank, not yet registered
	 * @param factory makes its instances; if it is a {@link ContextualEndpointFactory} it
	 * is treated as one
	 * @param options how the endpoint is supervised
	 * @throws IllegalArgumentException if the id is blank or registered already
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public <F extends EndpointFactory> void registerEndpointFactory(String id, F factory, EndpointOptions options) {
		Objects.requireNonNull(factory, "factory");
		register(id, factory, options);
	}

	/**
	 * Registers an endpoint whose instances get an {@link EndpointContext}, with
	 * {@link EndpointOptions#defaults()}.
	 * @param id the endpoint's id, not blank, not yet registered
	 * @param factory makes its instances
	 * @throws IllegalArgumentException if the id is blank or registered already
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public void registerEndpointFactory(String id, ContextualEndpointFactory factory) {
		registerEndpointFactory(id, factory, EndpointOptions.defaults());
	}

	/**
	 * Registers an endpoint whose instances get an {@link EndpointContext}. With a start
	 * timeout they must call {@link EndpointContext#ready()}.
	 * @param id the endpoint's id, not blank, not yet registered
	 * @param factory makes its instances
	 * @param options how the endpoint is supervised
	 * @throws IllegalArgumentException if the id is blank or registered already
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public void registerEndpointFactory(String id, ContextualEndpointFactory factory, EndpointOptions options) {
		Objects.requireNonNull(factory, "factory");
		register(id, factory, options);
	}

	private void register(String id, EndpointFactory factory, EndpointOptions options) {
		check(id, factory, options);
		synchronized (this.lock) {
			require(BrokerState.INITIALISED, "registration of endpoint '" + id + "'");
			this.endpoints.requireFree(id);
			Broker earlier = this.previous;
			EndpointSupervisor predecessor = (earlier != null) ? earlier.endpoints.findLast(id) : null;
			EndpointSupervisor supervisor = (predecessor != null)
					? predecessor.successor(factory, options, this.services)
					: new EndpointSupervisor(id, factory, options, this.services);
			if (this.services.desk().gates(id, options)) {
				this.services.desk().join(supervisor);
			}
			this.services.servingReferences().retain();
			this.keepAlive.enter();
			this.remaining.incrementAndGet();
			this.endpoints.add(id, supervisor, null);
		}
	}

	private static void check(String id, EndpointFactory factory, EndpointOptions options) {
		Objects.requireNonNull(options, "options");
		if (options.heartbeatTimeout() != null && !(factory instanceof ContextualEndpointFactory)) {
			throw new IllegalArgumentException("Invalid heartbeatTimeout (" + options.heartbeatTimeout()
					+ ") of endpoint '" + id + "': only the instances of a ContextualEndpointFactory have a heartbeat");
		}
		if (options.explicitReady() && !(factory instanceof ContextualEndpointFactory)) {
			throw new IllegalArgumentException("Invalid explicitReady (true) of endpoint '" + id
					+ "': only the instances of a ContextualEndpointFactory can call ready()");
		}
		if (id.isBlank()) {
			throw new IllegalArgumentException("Invalid endpoint id '" + id + "': must not be blank");
		}
	}

	/**
	 * Adds a monitor. The broker tells it all events from its start on.
	 * @param monitor the monitor
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public void monitor(BrokerMonitor monitor) {
		Objects.requireNonNull(monitor, "monitor");
		synchronized (this.lock) {
			require(BrokerState.INITIALISED, "registration of a monitor");
			this.services.monitors().add(monitor);
		}
	}

	/**
	 * How many events a monitor lost because it was too slow, see {@link BrokerMonitor}:
	 * changes and crash reports, including reports of a drop that a later report
	 * replaced. Never waits. The count never falls, and after the end it is final; a
	 * broker that continues another begins at 0.
	 * @param monitor a monitor of this broker; if it was added twice, the result is the
	 * sum of both
	 * @return how many events were lost so far
	 * @throws IllegalArgumentException if it is not a monitor of this broker
	 */
	public long lost(BrokerMonitor monitor) {
		return this.services.monitors().lost(monitor);
	}

	/**
	 * This broker as an endpoint of an outer broker, so that endpoints that need each
	 * other restart and stop as a group: a supervision tree. The outer broker's factory
	 * builds a fresh inner broker for every incarnation: <pre class="code">
	 * outer.registerEndpointFactory("group", () -&gt; {
	 *     Broker inner = Broker.create();
	 *     inner.registerEndpointFactory("feed", () -&gt; new Feed());
	 *     inner.registerEndpointFactory("cache", () -&gt; new Cache());
	 *     return inner.asEndpoint();
	 * });
	 * </pre> The first drop inside ends the inner broker, and the endpoint throws an
	 * {@link EndpointDroppedException} with the drop's error as its cause. If all inner
	 * endpoints finish, it returns. Its {@code close} terminates the inner broker and
	 * waits for that. Only the close timeouts inside limit this wait: the outer close
	 * timeout does not cut it short. Incarnations abandoned inside count outside as well,
	 * and {@link Termination#stuck()} lists them as {@code group/member}, at any depth.
	 * If you wrap the returned endpoint, the outer broker does not recognise an inner
	 * broker: then the outer close timeout applies, and incarnations abandoned inside
	 * count only inside. With mode {@code NEVER} inside, every crash restarts the whole
	 * group: Erlang's {@code one_for_all}.
	 * @return an endpoint that serves this broker once
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public Endpoint asEndpoint() {
		return new NestedBroker(this);
	}

	/**
	 * Starts all endpoints with {@link EndpointOptions#autoStart()}, and returns at once:
	 * it waits for no factory. If this broker {@linkplain Builder#continuing continues}
	 * another, what an operator last decided there about an endpoint wins. All threads of
	 * this broker get the caller's context class loader. A broker without endpoints
	 * terminates at once, unless it keeps serving.
	 * @throws InvalidStateException if this method was called before
	 * @throws IllegalArgumentException if endpoints wait for each other in a circle, or
	 * if one waits for an endpoint that is not registered, or a group names one; a broker
	 * that continues another accepts the latter two, as that endpoint may have been
	 * removed
	 */
	public void listenAndServe() {
		// Read before the lock is taken: a Thread subclass may override this method.
		ClassLoader loader = Thread.currentThread().getContextClassLoader();
		Stream<EndpointSupervisor> registered;
		synchronized (this.lock) {
			require(BrokerState.INITIALISED, "listenAndServe()");
			Broker earlier = this.previous;
			checkWhatEndpointsWaitFor(earlier != null);
			if (earlier != null) {
				earlier.handOver();
			}
			this.threads.launchedBy(loader);
			this.state = BrokerState.SERVING;
			// What is added from now on is begun by the thread that adds it.
			registered = this.endpoints.inOrder();
		}
		try {
			startThreads();
			if (this.announced) {
				tellAnnouncement();
			}
			Broker earlier = this.previous;
			this.previous = null;
			registered.forEach((supervisor) -> supervisor
				.begin((earlier != null) ? earlier.endpoints.findLast(supervisor.id()) : null));
		}
		catch (Throwable noThread) {
			terminateOnce();
			throw noThread;
		}
		finally {
			countDown();
			this.services.servingReferences().release();
		}
	}

	/** Nothing is allocated per endpoint where none waits for another one. */
	private void checkWhatEndpointsWaitFor(boolean continuing) {
		if (this.groups.isEmpty()
				&& this.endpoints.inOrder().allMatch((supervisor) -> supervisor.options().waitFor().isEmpty())) {
			return;
		}
		if (continuing) {
			ServingGates.checkContinued(waitFor(), this.groups);
		}
		else {
			ServingGates.check(waitFor(), this.groups);
		}
	}

	/** The ids of those that each endpoint waits for. */
	private Map<String, List<String>> waitFor() {
		Map<String, List<String>> all = new LinkedHashMap<>();
		this.endpoints.inOrder().forEach((supervisor) -> all.put(supervisor.id(), supervisor.options().waitFor()));
		return all;
	}

	private void startThreads() {
		try {
			this.services.time().start();
			this.services.signals().start();
			this.services.monitors().start(this.threads);
			this.keepAlive.begin();
		}
		catch (Throwable noThread) {
			Broker earlier = this.previous;
			if (earlier != null) {
				// Nothing was handed over yet: another broker may continue it.
				earlier.handedOver.set(false);
			}
			throw noThread;
		}
	}

	/** Two brokers that continue the same one would use the same incarnation numbers. */
	private void handOver() {
		if (!this.handedOver.compareAndSet(false, true)) {
			throw new InvalidStateException("listenAndServe() of a broker that continues another",
					"TERMINATED and not yet continued", "continued already");
		}
	}

	/**
	 * Announces that {@link #terminate()} will follow soon, because the application shuts
	 * down: resources that the endpoints use may already be closing. Serving endpoints go
	 * on serving. If one throws from now on, that is no crash: monitors are told neither
	 * a crash nor a drop, the broker logs a line, and the endpoint becomes
	 * {@link EndpointState#STOPPED}. The broker cancels start timeouts, heartbeat
	 * timeouts, backoffs and revivals, and launches nothing any more:
	 * {@link #start(String)} and {@link #restart(String)} throw
	 * {@link EndpointTerminatedException}. Returns at once; calling it again changes
	 * nothing.
	 * @throws InvalidStateException before {@link #listenAndServe()}
	 */
	public void announceTermination() {
		if (this.state == BrokerState.INITIALISED) {
			throw new InvalidStateException("announceTermination()", BrokerState.SERVING.name(), state().name());
		}
		announce();
	}

	/**
	 * Announces the termination, even if this broker does not serve yet. Safe against a
	 * concurrent listenAndServe: that thread writes {@link #state} and then reads
	 * {@link #announced}; this thread writes {@link #announced} and then reads
	 * {@link #state}. So at least one of the two tells the endpoints.
	 */
	void announce() {
		this.announced = true;
		if (this.state != BrokerState.INITIALISED) {
			tellAnnouncement();
		}
	}

	private void tellAnnouncement() {
		tellAll(ANNOUNCEMENT);
	}

	/**
	 * Submits a signal to all endpoints. It is harmless to submit it to an endpoint
	 * twice; but without memory the caller must not leave one out.
	 */
	private void tellAll(Signal signal) {
		while (true) {
			try {
				this.endpoints.inOrder().forEach((supervisor) -> supervisor.report(signal));
				return;
			}
			catch (OutOfMemoryError notAll) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Declares a thread that waits until this broker has terminated. Needed where the
	 * broker cannot see that wait, for example because the thread closes the application.
	 * If an endpoint runs on that thread, or on a thread that waits for it, the broker
	 * and the thread would wait for each other. The broker closes such an incarnation
	 * like any other, but does not interrupt the waiting thread, and after
	 * {@link #terminate()} abandons the incarnation as soon as no other thread of it
	 * runs. The same holds for a thread inside {@link Runtime#exit(int)}, once any thread
	 * was named here.
	 * <p>
	 * The broker detects that a platform thread joins another thread, or waits for a lock
	 * that another thread holds. The JVM does not say this of virtual threads. If the
	 * named thread is one of this broker's own, the JVM stays alive until that thread
	 * ends, for five minutes at most, so that it can finish closing the application.
	 * Returns at once.
	 * @param thread the thread that waits
	 */
	public void awaitedBy(Thread thread) {
		if (this.over.isDone() || !this.services.endAwaiters().add(thread)) {
			return;
		}
		if (isOwn(thread)) {
			this.keepAlive.lastUntilEnded(thread);
		}
		alive().forEach((incarnation) -> {
			if (incarnation.runsOn(thread)) {
				incarnation.tellIfItAwaitsEnd((own) -> own == thread);
			}
			InnerBroker inner = incarnation.served();
			if (inner != null) {
				// A thread that waits for this broker also waits for its inner brokers.
				inner.awaitedBy(thread);
			}
		});
		if (!this.services.endAwaiters().includes(thread)) {
			// Safe against a concurrent noLongerAwaitedBy: that caller removes the thread
			// from the list and then tells the incarnations; this caller tells them and
			// then reads the list. So the last message to the incarnations agrees with
			// the list.
			tellThatItAwaitsNoMore(thread);
		}
		if (this.state == BrokerState.TERMINATING) {
			lookForAwaiters();
		}
	}

	/**
	 * Takes back what {@link #awaitedBy(Thread)} said: the thread's wait has returned
	 * before this broker's end, because of a time limit or an interrupt. From now on the
	 * broker waits for the thread and interrupts it like any other. Incarnations that
	 * were abandoned by then stay abandoned. Returns at once; for a thread that was not
	 * named it changes nothing.
	 * @param thread the thread that no longer waits
	 */
	public void noLongerAwaitedBy(Thread thread) {
		if (!this.services.endAwaiters().remove(thread)) {
			return;
		}
		tellThatItAwaitsNoMore(thread);
	}

	/** Also tells the incarnations that a check found waiting for this thread. */
	private void tellThatItAwaitsNoMore(Thread thread) {
		this.keepAlive.lastNoMore(thread);
		alive().forEach((incarnation) -> {
			incarnation.tellThatItAwaitsEndNoMore(this.services.endAwaiters());
			InnerBroker inner = incarnation.served();
			if (inner != null) {
				inner.noLongerAwaitedBy(thread);
			}
		});
	}

	/**
	 * Checks after a delay which remaining threads cannot end before the broker does, and
	 * again after doubled delays: most threads end at once, and others may enter the
	 * application's shutdown only after their close.
	 */
	private void lookForAwaiters() {
		if (this.services.endAwaiters().isEmpty() || !this.looking.compareAndSet(false, true)) {
			return;
		}
		while (true) {
			try {
				lookForAwaitersAfter(FIRST_LOOK);
				return;
			}
			catch (OutOfMemoryError notArmed) {
				Shortage.awaitMemory();
			}
		}
	}

	private void lookForAwaitersAfter(Duration delay) {
		try {
			Time.Timer look = this.services.time().after(delay, () -> {
				this.threads.runOnHelperOrElse(this::tellWhoAwaitsEnd, () -> {
				});
				lookForAwaitersAfter(delay.multipliedBy(2));
			});
			this.nextLook = look;
			if (this.over.isDone()) {
				// The thread that ended the broker may have read this field before this
				// write, see end.
				look.cancel();
			}
		}
		catch (RejectedExecutionException over) {
			// The broker has terminated.
		}
	}

	/**
	 * Checks an incarnation that runs on a Thread subclass on another helper thread: the
	 * methods that the subclass overrides may hang.
	 */
	private void tellWhoAwaitsEnd() {
		long removals = this.services.endAwaiters().removals();
		Predicate<Thread> awaits = this.services.endAwaiters().now();
		List<Incarnation> odd = new ArrayList<>();
		alive().forEach((incarnation) -> {
			if (incarnation.runsOnForeignThread()) {
				odd.add(incarnation);
			}
			else {
				tellIfItAwaitsEnd(incarnation, awaits, removals);
			}
		});
		odd.forEach((incarnation) -> this.threads
			.runOnHelperOrElse(() -> tellIfItAwaitsEnd(incarnation, awaits, removals), () -> {
			}));
	}

	/**
	 * While a check runs, noLongerAwaitedBy may be called, and tell the incarnation
	 * before this method tells it an outdated result. So this method takes the result
	 * back; the next check finds what still holds.
	 */
	private void tellIfItAwaitsEnd(Incarnation incarnation, Predicate<Thread> awaits, long removals) {
		incarnation.tellIfItAwaitsEnd(awaits);
		if (this.services.endAwaiters().removals() != removals) {
			incarnation.tellThatItAwaitsEndNoMore(this.services.endAwaiters());
		}
	}

	/**
	 * Closes all endpoints and launches nothing any more. An endpoint on which others
	 * {@linkplain EndpointOptions#dependsOn() depend} is closed when they have ended or
	 * were abandoned, and so is a member of a {@linkplain EndpointGroup group} that is
	 * not its last one; all others are closed at once. Returns at once; {@link #await()}
	 * waits for the end. Calling it again changes nothing.
	 * @throws InvalidStateException before {@link #listenAndServe()}
	 */
	public void terminate() {
		CallerStack.requireRoom();
		if (this.state == BrokerState.INITIALISED) {
			throw new InvalidStateException("terminate()", BrokerState.SERVING.name(), state().name());
		}
		terminateOnce();
	}

	private void terminateOnce() {
		boolean first;
		synchronized (this.lock) {
			if (this.state == BrokerState.INITIALISED || this.over.isDone()) {
				return;
			}
			first = this.state == BrokerState.SERVING;
			this.state = BrokerState.TERMINATING;
		}
		if (first) {
			// This reason is never released: the keep-alive thread stays until all
			// monitors were told.
			this.services.keepUp();
			tellOutside();
		}
		// A later caller submits all signals again: the first may not have come to all
		// endpoints yet.
		try {
			terminateInOrder();
		}
		finally {
			// Even if a submit failed: no later caller does this.
			if (first) {
				countDown();
				lookForAwaiters();
			}
		}
	}

	/**
	 * Terminates each endpoint on which no other one depends, or only such as are over.
	 * To the others the end is announced: nothing of them is launched any more, and a
	 * failure is no crash. They are terminated in {@link #terminateWhatItNeeded}.
	 */
	private void terminateInOrder() {
		while (true) {
			try {
				StopOrder order = order();
				this.endpoints.inOrder()
					.forEach((supervisor) -> supervisor
						.report(order.mayStop(supervisor.id(), this::isOver) ? TERMINATE : ANNOUNCEMENT));
				return;
			}
			catch (OutOfMemoryError notAll) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Two threads that terminate this broker may make an order each. Both know all
	 * endpoints that may be in it: one that is added from now on is terminated by the
	 * thread that adds it.
	 */
	private StopOrder order() {
		StopOrder known = this.stopOrder;
		if (known == null) {
			known = StopOrder.of(needs());
			this.stopOrder = known;
		}
		return known;
	}

	/**
	 * For each endpoint the ids of those that are to be closed after it; empty if no
	 * endpoint is to be closed after another one.
	 */
	private Map<String, List<String>> needs() {
		Map<String, List<String>> needs = new LinkedHashMap<>();
		if (!this.groups.isEmpty()
				|| this.endpoints.inOrder().anyMatch((supervisor) -> !supervisor.options().dependsOn().isEmpty())) {
			this.endpoints.inOrder()
				.forEach((supervisor) -> needs.put(supervisor.id(), new ArrayList<>(supervisor.options().dependsOn())));
			this.groups.forEach((group) -> group.forEachPair(needs::containsKey,
					(member, before) -> needs.computeIfAbsent(member, (none) -> new ArrayList<>()).add(before)));
		}
		return needs;
	}

	/** An endpoint that was removed was over before. */
	private boolean isOver(String id) {
		EndpointSupervisor supervisor = this.endpoints.find(id);
		return supervisor == null || supervisor.isOver();
	}

	/** Called by the thread that drains the endpoint's queue. */
	private void endpointIsOver(String id) {
		terminateWhatItNeeded(id);
		countDown();
	}

	/**
	 * Terminates those that had to wait until this endpoint was over, unless they have to
	 * wait for another one, too.
	 * <p>
	 * Safe against the thread that begins the termination: that thread writes
	 * {@link #stopOrder} and then reads which endpoints are over; this thread has shown
	 * that its endpoint is over, and then reads {@link #stopOrder}. Safe against a thread
	 * that drains another endpoint's queue: both show that their endpoint is over and
	 * then look, so the one that looks later sees both. In each case at least one of the
	 * two threads terminates what may be closed now; to terminate it twice is harmless.
	 * <p>
	 * The signal is left to another thread: a chain of endpoints may be longer than the
	 * stack is deep.
	 */
	private void terminateWhatItNeeded(String id) {
		StopOrder order = this.stopOrder;
		if (order == null) {
			return;
		}
		while (true) {
			try {
				for (String needed : order.neededBy(id)) {
					EndpointSupervisor supervisor = this.endpoints.find(needed);
					if (supervisor != null && order.mayStop(needed, this::isOver)) {
						supervisor.leave(TERMINATE);
					}
				}
				return;
			}
			catch (OutOfMemoryError notAll) {
				Shortage.awaitMemory();
			}
		}
	}

	private void countDown() {
		if (this.remaining.decrementAndGet() == 0) {
			finish();
		}
	}

	private void finish() {
		while (true) {
			try {
				endWithStacks(survivors("").toList());
				return;
			}
			catch (OutOfMemoryError notEnded) {
				Shortage.awaitMemory();
			}
		}
	}

	private void endWithStacks(List<Survivor> survivors) {
		List<CompletableFuture<List<StackTraceElement>>> stacks = survivors.stream()
			.map((survivor) -> LiveStack.of(survivor.incarnation(), this.services))
			.toList();
		CompletableFuture.allOf(stacks.toArray(CompletableFuture[]::new))
			.thenRun(() -> end(termination(survivors, stacks)));
	}

	/** Called while futures complete, which swallow what is thrown. */
	private static Termination termination(List<Survivor> survivors,
			List<CompletableFuture<List<StackTraceElement>>> stacks) {
		while (true) {
			try {
				List<Termination.Stuck> stuck = new ArrayList<>();
				for (int i = 0; i < survivors.size(); i++) {
					Survivor survivor = survivors.get(i);
					stuck.add(new Termination.Stuck(survivor.path(), survivor.incarnation().incarnation(),
							stacks.get(i).join()));
				}
				return new Termination(stuck);
			}
			catch (OutOfMemoryError notMade) {
				Shortage.awaitMemory();
			}
		}
	}

	private void end(Termination termination) {
		try {
			this.over.complete(termination);
		}
		catch (OutOfMemoryError inACallback) {
			// It is complete. What follows must be done in any case.
		}
		// Safe against the timer thread that arms the next check: it writes nextLook and
		// then reads over; this thread completes over and then reads nextLook. Cancelled
		// before the timer is closed, because after that no thread wakes the timer
		// thread.
		Time.Timer look = this.nextLook;
		if (look != null) {
			look.cancel();
		}
		this.services.desk().close();
		this.services.time().close();
		tellOutside();
		this.services.monitors().tellTermination(termination);
		this.keepAlive.end();
		forgetInstances();
		this.services.signals().close();
		this.services.endAwaiters().clear();
	}

	/**
	 * Runs on the signal thread, which is idle now. Skipped if memory has run out.
	 */
	private void forgetInstances() {
		try {
			this.services.signals().executeOrElse(this.services.seen()::sweep, () -> {
			});
		}
		catch (Throwable later) {
			// The next broker's additions sweep too.
		}
	}

	/**
	 * A future that completes when all endpoints have ended or were abandoned. It does
	 * not wait for monitors. Each call returns another future: a caller that completes or
	 * cancels it affects no other caller. Its callbacks run on a thread of their own. It
	 * completes an instant after {@link #await()} returns.
	 * @return how the broker ended
	 */
	public CompletableFuture<Termination> terminated() {
		return this.over.isDone() ? CompletableFuture.completedFuture(this.over.join())
				: this.over.thenApplyAsync((termination) -> termination, this::runCallbacks);
	}

	/**
	 * If no helper thread starts, the callbacks run on the signal thread, which has
	 * nothing else to do any more. If that has ended too, this thread is the caller of
	 * {@link #terminated()}, and completes the future itself: it has no callbacks yet.
	 */
	private void runCallbacks(Runnable completion) {
		this.threads.runOnHelperOrElse(completion, () -> this.services.signals()
			.executeOrElse(() -> this.threads.runOnHelperOrElse(completion, completion), completion));
	}

	/**
	 * Waits until all endpoints have ended or were abandoned. The original broker's
	 * {@code Wait}.
	 * @return how the broker ended
	 * @throws InterruptedException if the waiting thread is interrupted
	 * @throws InvalidStateException on a thread of this broker that would wait for
	 * itself: in an endpoint, a factory or a monitor
	 */
	public Termination await() throws InterruptedException {
		refuseToWaitForOneself();
		try {
			return this.over.get();
		}
		catch (ExecutionException impossible) {
			throw new IllegalStateException(impossible);
		}
	}

	/**
	 * Waits until all endpoints have ended or were abandoned, or a timeout has passed.
	 * @param timeout how long at most
	 * @return {@code false} if the timeout passed first
	 * @throws InterruptedException if the waiting thread is interrupted
	 * @throws InvalidStateException on a thread of this broker that would wait for
	 * itself: in an endpoint, a factory or a monitor
	 */
	public boolean await(Duration timeout) throws InterruptedException {
		refuseToWaitForOneself();
		try {
			this.over.get(SystemTime.saturatedNanos(timeout), TimeUnit.NANOSECONDS);
			return true;
		}
		catch (TimeoutException tooEarly) {
			return false;
		}
		catch (ExecutionException impossible) {
			throw new IllegalStateException(impossible);
		}
	}

	private void refuseToWaitForOneself() {
		Thread current = Thread.currentThread();
		if (!this.over.isDone() && isOwn(current)) {
			throw new InvalidStateException(
					"await() on the broker's own thread " + current.getName() + ", which would wait for itself,",
					BrokerState.TERMINATED.name(), state().name());
		}
	}

	// As an endpoint of another broker

	/**
	 * Called when an outer broker is about to serve this one.
	 * @param outside called on each change of {@link #asInner()}, on the thread that
	 * makes the change
	 */
	void servedBy(Runnable outside) {
		this.outside = outside;
	}

	/**
	 * What the outer broker has to know of this one.
	 */
	Inner asInner() {
		return new Inner(this.abandoned.get(), state() == BrokerState.TERMINATING);
	}

	private void abandonedChanged(int difference) {
		this.abandoned.addAndGet(difference);
		tellOutside();
	}

	private void tellOutside() {
		Runnable told = this.outside;
		if (told != null) {
			try {
				told.run();
			}
			catch (Throwable noMemory) {
				// The next call tells this too. To rethrow would stop the termination.
			}
		}
	}

	/**
	 * The incarnations that have not ended, in this broker and in inner brokers.
	 * @param path where this broker is served: ids with a slash after each, or empty
	 */
	Stream<Survivor> survivors(String path) {
		return this.endpoints.withOutlived()
			.filter((supervisor) -> !supervisor.alive().isEmpty())
			.flatMap((supervisor) -> supervisor.survivors(path));
	}

	boolean isOwn(Thread thread) {
		return this.threads.isOwn(thread) || alive().anyMatch((incarnation) -> incarnation.runsOn(thread));
	}

	private Stream<Incarnation> alive() {
		return this.endpoints.withOutlived().mapMulti((supervisor, sink) -> supervisor.alive().forEach(sink));
	}

	/**
	 * Terminates, waits for the end, and then up to a second for the log to be written. A
	 * broker that has not served yet is then terminated and can never serve; its monitors
	 * are told nothing, as they were told of no start. A thread of this broker does not
	 * wait here, and an interrupted caller waits no longer.
	 */
	@Override
	public void close() {
		if (closedUnserved()) {
			return;
		}
		terminateOnce();
		if (isOwn(Thread.currentThread())) {
			return;
		}
		try {
			await();
			this.services.monitors().awaitLog();
		}
		catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** The lock decides whether this or a concurrent listenAndServe comes first. */
	boolean closedUnserved() {
		synchronized (this.lock) {
			if (this.state != BrokerState.INITIALISED) {
				return false;
			}
			this.state = BrokerState.TERMINATING;
		}
		this.previous = null;
		this.over.complete(new Termination(List.of()));
		return true;
	}

	@Override
	public BrokerState state() {
		return this.over.isDone() ? BrokerState.TERMINATED : this.state;
	}

	@Override
	public List<EndpointSnapshot> endpoints() {
		return this.endpoints.inOrder().map(EndpointSupervisor::snapshot).toList();
	}

	@Override
	public EndpointSnapshot endpoint(String id) {
		return supervisor(id).snapshot();
	}

	@Override
	public List<CrashSummary> history(String id) {
		return supervisor(id).history();
	}

	@Override
	public List<GateSnapshot> gates() {
		return this.services.desk().gates();
	}

	@Override
	public void start(String id) {
		launchable(id, "start").start();
	}

	@Override
	public void stop(String id) {
		operable(id, "stop").request(new Signal.Stop());
	}

	@Override
	public void restart(String id) {
		launchable(id, "restart").request(new Signal.Restart());
	}

	@Override
	public <F extends EndpointFactory> void add(String id, F factory, EndpointOptions options) {
		Objects.requireNonNull(factory, "factory");
		addCounted(id, factory, options);
	}

	@Override
	public void add(String id, ContextualEndpointFactory factory, EndpointOptions options) {
		Objects.requireNonNull(factory, "factory");
		addCounted(id, factory, options);
	}

	/**
	 * The new endpoint's serving reference and its reason to keep the JVM up come first,
	 * as those of a request: either this caller retains before the last endpoint ends, or
	 * the broker ends and this caller is refused.
	 */
	private void addCounted(String id, EndpointFactory factory, EndpointOptions options) {
		check(id, factory, options);
		CallerStack.requireRoom();
		requireServing(id, "addition");
		requireNotAnnounced(id);
		if (!this.groups.isEmpty() || !options.waitFor().isEmpty()) {
			Map<String, List<String>> all = waitFor();
			all.put(id, options.waitFor());
			ServingGates.checkAdded(id, all, this.groups);
		}
		if (!this.services.servingReferences().retain()) {
			throw new EndpointTerminatedException("The broker of endpoint '" + id + "'");
		}
		this.services.keepUp();
		try {
			addToRemaining(id, factory, options);
		}
		catch (Throwable refused) {
			this.services.servingReferences().release();
			this.keepAlive.leave();
			throw refused;
		}
	}

	/** The lock decides whether this or a concurrent terminate comes first. */
	private void addToRemaining(String id, EndpointFactory factory, EndpointOptions options) {
		synchronized (this.lock) {
			requireServing(id, "addition");
			this.remaining.incrementAndGet();
		}
		EndpointSupervisor predecessor;
		EndpointSupervisor added;
		try {
			do {
				// In this order: an endpoint that is removed leaves its abandoned
				// incarnations before it frees its id.
				this.endpoints.requireFree(id);
				predecessor = this.endpoints.outlived(id);
				added = EndpointSupervisor.added(id, factory, options, this.services, this.endpoints, predecessor);
			}
			while (!added.arrive(this.endpoints, predecessor));
		}
		catch (Throwable refused) {
			countDown();
			throw refused;
		}
		// A thread that announces or begins the end writes that and then reads which
		// endpoints there are; this thread adds the endpoint and then reads that. So at
		// least one of the two tells the endpoint.
		if (this.announced) {
			added.report(ANNOUNCEMENT);
		}
		if (this.state != BrokerState.SERVING) {
			added.report(TERMINATE);
		}
		added.beginAdded(predecessor);
	}

	@Override
	public CompletableFuture<Void> remove(String id) {
		CompletableFuture<Void> removal = operable(id, "removal").remove(this.endpoints);
		return removal.isDone() ? CompletableFuture.completedFuture(null)
				: removal.thenApplyAsync((nothing) -> nothing, this::runCallbacks);
	}

	private EndpointSupervisor launchable(String id, String action) {
		EndpointSupervisor supervisor = operable(id, action);
		requireNotAnnounced(id);
		if (supervisor.isLeaving()) {
			throw new InvalidStateException(action + " of endpoint '" + id + "', which is being removed,", "REGISTERED",
					supervisor.snapshot().state().name());
		}
		return supervisor;
	}

	private void requireNotAnnounced(String id) {
		if (this.announced) {
			throw new EndpointTerminatedException("The broker of endpoint '" + id + "'");
		}
	}

	private EndpointSupervisor operable(String id, String action) {
		CallerStack.requireRoom();
		EndpointSupervisor supervisor = supervisor(id);
		requireServing(id, action);
		return supervisor;
	}

	private void requireServing(String id, String action) {
		BrokerState current = state();
		if (current == BrokerState.INITIALISED) {
			throw new InvalidStateException(action + " of endpoint '" + id + "'", BrokerState.SERVING.name(),
					current.name());
		}
		if (current != BrokerState.SERVING) {
			throw new EndpointTerminatedException("The broker of endpoint '" + id + "'");
		}
	}

	private EndpointSupervisor supervisor(String id) {
		EndpointSupervisor supervisor = this.endpoints.find(id);
		if (supervisor == null) {
			throw new UnknownEndpointException(id);
		}
		return supervisor;
	}

	private void require(BrokerState expected, String what) {
		BrokerState current = state();
		if (current != expected) {
			throw new InvalidStateException(what, expected.name(), current.name());
		}
	}

	/**
	 * Builds a {@link Broker}. Not thread-safe.
	 */
	public static final class Builder {

		private boolean keepServing;

		private @Nullable ThreadFactory threadFactory;

		private @Nullable UnaryOperator<Runnable> threadDecorator;

		private int historySize = 20;

		private @Nullable Broker previous;

		private @Nullable Time time;

		private @Nullable Threads threads;

		private int slice = SignalThread.SLICE;

		private AdmissionSettings admission = AdmissionSettings.DEFAULTS;

		/** By their names, in the order in which they were added. */
		private final Map<String, EndpointGroup> groups = new LinkedHashMap<>();

		private Builder() {
		}

		/**
		 * Sets whether the broker goes on when all its endpoints have finished or were
		 * dropped, so that an operator can start them again. When all have finished, it
		 * no longer keeps the JVM alive until one of them is started again.
		 * @param keepServing {@code false} by default: it terminates
		 * @return this builder
		 */
		public Builder keepServing(boolean keepServing) {
			this.keepServing = keepServing;
			return this;
		}

		/**
		 * Sets the factory for the threads that serve and close incarnations. Several
		 * threads may call it at once. The broker names each thread that it returns and
		 * makes it a daemon. A factory that throws or returns {@code null} makes the
		 * incarnation crash in phase {@link CrashPhase#CREATE}. A factory of the JDK for
		 * virtual threads, such as {@code Thread.ofVirtual().factory()}, is not called:
		 * the broker makes virtual threads itself, and they inherit no thread-locals.
		 * @param threadFactory the factory; by default platform threads that inherit no
		 * thread-locals
		 * @return this builder
		 */
		public Builder threadFactory(ThreadFactory threadFactory) {
			this.threadFactory = threadFactory;
			return this;
		}

		/**
		 * Sets what wraps the work of each thread that serves or closes an incarnation,
		 * so that it can set thread-locals there and clear them afterwards. The broker
		 * calls it on that thread, with the work, and runs the task that it returns. That
		 * task must run the work once and on the same thread. Several threads may call it
		 * at once.
		 * <p>
		 * If it throws or returns {@code null}, or if its task does not run the work, the
		 * incarnation crashes in phase {@link CrashPhase#CREATE}; a close is made on
		 * another thread without it. What it throws after the work is logged and
		 * otherwise ignored. The broker does not watch what it does after the work: a
		 * decorator that hangs there keeps its thread.
		 * @param threadDecorator gets the work and returns the task that runs it
		 * @return this builder
		 */
		public Builder threadDecorator(UnaryOperator<Runnable> threadDecorator) {
			this.threadDecorator = threadDecorator;
			return this;
		}

		/**
		 * Sets how many crashes {@link BrokerOperations#history(String)} remembers.
		 * @param historySize the number per endpoint; 20 by default, 0 for none
		 * @return this builder
		 * @throws IllegalArgumentException if it is negative
		 */
		public Builder historySize(int historySize) {
			if (historySize < 0) {
				throw new IllegalArgumentException("Invalid historySize (" + historySize + "): must not be negative");
			}
			this.historySize = historySize;
			return this;
		}

		/**
		 * Lets the new broker continue a terminated one. An endpoint registered under an
		 * id that the earlier broker knew keeps its incarnation numbers, totals, history
		 * and abandoned incarnations. If an operator started or stopped it by hand, that
		 * decision holds on. The count of consecutive errors returns to 0. Several
		 * brokers may be built to continue the same one, but only one of them can serve.
		 * @param previous the earlier broker
		 * @return this builder
		 * @throws InvalidStateException if the earlier broker has not terminated
		 */
		public Builder continuing(Broker previous) {
			previous.require(BrokerState.TERMINATED, "continuing a broker");
			this.previous = previous;
			return this;
		}

		/**
		 * Sets how often a gate is asked while an endpoint waits for it, see
		 * {@link EndpointOptions.Builder#waitFor(String, EndpointGate)}.
		 * @param interval from an answer to the next question, longer than zero; 2 s by
		 * default
		 * @return this builder
		 * @throws IllegalArgumentException if it is not longer than zero
		 */
		public Builder gatePollInterval(Duration interval) {
			this.admission = new AdmissionSettings(interval, this.admission.timeout(), this.admission.evicts(),
					this.admission.mostStarting());
			return this;
		}

		/**
		 * Sets how long a gate may take to answer; later answers count as shut.
		 * @param timeout the limit, longer than zero; 5 s by default
		 * @return this builder
		 * @throws IllegalArgumentException if it is not longer than zero
		 */
		public Builder gateTimeout(Duration timeout) {
			this.admission = new AdmissionSettings(this.admission.pollInterval(), timeout, this.admission.evicts(),
					this.admission.mostStarting());
			return this;
		}

		/**
		 * Sets whether a gate that is seen shut closes the endpoints that serve behind
		 * it. Then each such gate is asked at intervals for as long as one of them lives.
		 * @param evicts {@code false} by default: what serves goes on
		 * @return this builder
		 */
		public Builder gatesEvict(boolean evicts) {
			this.admission = new AdmissionSettings(this.admission.pollInterval(), this.admission.timeout(), evicts,
					this.admission.mostStarting());
			return this;
		}

		/**
		 * Sets how many endpoints may be {@link EndpointState#STARTING} at once, so that
		 * a hundred that lost the same server do not come back in the same instant. The
		 * others are {@link EndpointState#WAITING} for their turn; who has waited longest
		 * is next. A start or restart by an operator does not wait.
		 * @param most how many, at least 1; 0, the default, for no limit
		 * @return this builder
		 * @throws IllegalArgumentException if it is negative
		 */
		public Builder maxConcurrentStarts(int most) {
			this.admission = new AdmissionSettings(this.admission.pollInterval(), this.admission.timeout(),
					this.admission.evicts(), most);
			return this;
		}

		/**
		 * Adds a group of endpoints that start in order and fail together. Its members
		 * are registered like all other endpoints; all must be, except by a broker that
		 * {@linkplain #continuing continues} another. A member that was removed can be
		 * added again.
		 * @param group the group
		 * @return this builder
		 * @throws IllegalArgumentException if there is a group of this name already, or a
		 * member belongs to another group
		 */
		public Builder group(EndpointGroup group) {
			if (this.groups.containsKey(group.name())) {
				throw new IllegalArgumentException(
						"Invalid name '" + group.name() + "' of a group: there is one of this name already");
			}
			this.groups.values().forEach((other) -> requireNoneOf(other, group));
			this.groups.put(group.name(), group);
			return this;
		}

		private static void requireNoneOf(EndpointGroup other, EndpointGroup group) {
			for (String member : group.members()) {
				if (other.members().contains(member)) {
					throw new IllegalArgumentException(
							"Invalid member '" + member + "' of group '" + group.name() + "': it is a member of group '"
									+ other.name() + "' already; an endpoint is a member" + " of at most one group");
				}
			}
		}

		AdmissionSettings admission() {
			return this.admission;
		}

		/** For tests that bring their own time. */
		Builder time(Time time) {
			this.time = time;
			return this;
		}

		/** For tests that bring their own threads. */
		Builder threads(Threads threads) {
			this.threads = threads;
			return this;
		}

		/** For tests: how many signals a thread processes before it hands over. */
		Builder slice(int slice) {
			this.slice = slice;
			return this;
		}

		/**
		 * Builds the broker.
		 * @return a new broker
		 */
		public Broker build() {
			return new Broker(this);
		}

	}

	/** Made by the first call of {@link Broker#getDefault()}. */
	private static final class Default {

		static final Broker BROKER = create();

	}

	/** Read by the first call of {@link Broker#version()}. */
	private static final class Version {

		static final String VALUE = read();

		private static String read() {
			try (InputStream version = Broker.class.getResourceAsStream("version.txt")) {
				return new String(Objects.requireNonNull(version, "version.txt").readAllBytes(), StandardCharsets.UTF_8)
					.strip();
			}
			catch (IOException unreadable) {
				throw new UncheckedIOException(unreadable);
			}
		}

	}

}
