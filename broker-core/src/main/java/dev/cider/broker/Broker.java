package dev.cider.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Supervises a set of endpoints: makes an instance of each from its factory, serves each
 * on a thread of its own, and replaces the ones that crash, if that does not happen too
 * often. <pre class="code">
 * Broker broker = Broker.create();
 * broker.registerEndpointFactory("tcp", () -&gt; new TcpEndpoint(7070));
 * broker.monitor((report) -&gt; alert(report));
 * broker.listenAndServe(); // returns at once
 * ...
 * broker.close(); // stops all, in order
 * </pre> First register, then {@link #listenAndServe()}, then {@link #terminate()}:
 * whatever is called in the wrong order throws {@link InvalidStateException}. All methods
 * may be called from any thread, and except for {@link #await()} and {@link #close()}
 * none of them waits.
 * <p>
 * One non-daemon thread, {@code broker-keep-alive}, keeps the JVM up while an endpoint
 * has not finished. One that was dropped, that an operator stopped or that was not
 * started yet has not finished: without it the JVM would end, and with an exit code of 0.
 * All other threads are daemons. A broker whose endpoints have all finished or were
 * dropped terminates by itself, unless it was built with
 * {@link Builder#keepServing(boolean)}.
 */
public final class Broker implements BrokerOperations, AutoCloseable {

	/** Until somebody looks who of those that have not ended waits for the end. */
	private static final Duration FIRST_LOOK = Duration.ofMillis(100);

	private final Threads threads;

	private final BrokerServices services;

	/** Needed until listenAndServe; kept longer, brokers would pile up. */
	private volatile @Nullable Broker previous;

	private final EndpointRegistry endpoints = new EndpointRegistry();

	/**
	 * Guards changes of {@link #state}, and registration against listenAndServe: what is
	 * registered is served, or refused. No user code runs under it.
	 */
	private final Object lock = new Object();

	/** Never TERMINATED: that is when {@link #over} is done. */
	private volatile BrokerState state = BrokerState.INITIALISED;

	/** Set before the endpoints are told so. */
	private volatile boolean announced;

	/** Endpoints that are not over yet, and one each for listenAndServe and terminate. */
	private final AtomicInteger remaining = new AtomicInteger(2);

	/** Whether a broker that continues this one serves, or has served. */
	private final AtomicBoolean handedOver = new AtomicBoolean();

	/** Whether somebody looks who waits for the end. */
	private final AtomicBoolean looking = new AtomicBoolean();

	/** Cancelled when the broker has terminated: the timer lives for what it awaits. */
	private volatile Time.@Nullable Timer nextLook;

	private final CompletableFuture<Termination> over = new CompletableFuture<>();

	/** How many incarnations, here and further inside, were given up on and live. */
	private final AtomicInteger abandoned = new AtomicInteger();

	/** Hears of what changes, if this broker is served by another one. */
	private volatile @Nullable Runnable outside;

	private final KeepAlive keepAlive;

	private Broker(Builder builder) {
		Broker earlier = builder.previous;
		this.previous = earlier;
		this.threads = (builder.threads != null) ? builder.threads : new Threads(builder.threadFactory);
		Time time = (builder.time != null) ? builder.time
				: new SystemTime((task) -> this.threads.own("broker-timer", task));
		SeenInstances seen = (earlier != null) ? earlier.services.seen() : new SeenInstances();
		// One reason to go on until listenAndServe is done, one more to keep serving.
		ServingReferences servingReferences = new ServingReferences(builder.keepServing ? 2 : 1, this::terminateOnce);
		Monitors monitors = new Monitors();
		this.keepAlive = new KeepAlive(this.threads::holdingTheJvm, monitors);
		SignalThread signals = new SignalThread(this.threads, builder.slice);
		this.services = new BrokerServices(time, this.threads, signals, monitors, seen, servingReferences,
				this.keepAlive, new EndAwaiters(), builder.historySize, this::countDown, this::abandonedChanged);
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
	 * original's {@code DefaultBroker}.
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
	 * interfaces for one lambda: there a lambda, or a reference to a function, is always
	 * a {@link ContextualEndpointFactory}, even if it ignores its context. One that shall
	 * be none is written {@code EndpointFactory { Feed() }}.
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
	 * Registers an endpoint whose instances want to know which incarnation they are, with
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
	 * Registers an endpoint whose instances want to know which incarnation they are. With
	 * a start timeout they must call {@link EndpointContext#ready()}.
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
		synchronized (this.lock) {
			require(BrokerState.INITIALISED, "registration of endpoint '" + id + "'");
			if (this.endpoints.find(id) != null) {
				throw new IllegalArgumentException(
						"Invalid endpoint id '" + id + "': a factory is already registered under it");
			}
			Broker earlier = this.previous;
			EndpointSupervisor predecessor = (earlier != null) ? earlier.endpoints.find(id) : null;
			EndpointSupervisor supervisor = (predecessor != null)
					? predecessor.successor(factory, options, this.services)
					: new EndpointSupervisor(id, factory, options, this.services);
			this.services.servingReferences().retain();
			this.keepAlive.enter();
			this.remaining.incrementAndGet();
			this.endpoints.add(id, supervisor);
		}
	}

	/**
	 * Adds a monitor that is told everything from the start on.
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
	 * How much a monitor was not told because it did not keep up, see
	 * {@link BrokerMonitor}: changes and crash reports, and among these the reports of a
	 * drop that a later one took the place of. Never waits. The count never falls, and
	 * after the end it is final; a broker that continues another begins at 0.
	 * @param monitor a monitor of this broker; one that was added twice has lost the sum
	 * @return how many events were lost so far
	 * @throws IllegalArgumentException if it is not a monitor of this broker
	 */
	public long lost(BrokerMonitor monitor) {
		return this.services.monitors().lost(monitor);
	}

	/**
	 * This broker as an endpoint of another one, so that endpoints that need each other
	 * stand and fall together: a supervision tree. The outer broker's factory builds a
	 * fresh inner broker for every incarnation: <pre class="code">
	 * outer.registerEndpointFactory("group", () -&gt; {
	 *     Broker inner = Broker.create();
	 *     inner.registerEndpointFactory("feed", () -&gt; new Feed());
	 *     inner.registerEndpointFactory("cache", () -&gt; new Cache());
	 *     return inner.asEndpoint();
	 * });
	 * </pre> The first drop inside ends the inner broker, and the endpoint throws an
	 * {@link EndpointDroppedException} with the drop's error as its cause. If all inside
	 * finish, it returns. Its close terminates the inner broker and waits for it, however
	 * long the limits inside allow: the close timeout outside does not cut that short.
	 * What had to be abandoned inside counts outside as well, and
	 * {@link Termination#stuck()} lists it as {@code group/member}, at any depth. Behind
	 * a wrapper of your own the broker is not known as one: then the limits outside are
	 * all, and what is abandoned inside counts inside only. With mode {@code NEVER}
	 * inside, every crash restarts the whole group: Erlang's {@code one_for_all}.
	 * @return an endpoint that serves this broker once
	 * @throws InvalidStateException after {@link #listenAndServe()}
	 */
	public Endpoint asEndpoint() {
		return new NestedBroker(this);
	}

	/**
	 * Starts all endpoints that are to be started, and returns at once: no factory has
	 * been waited for. All threads of this broker get the caller's context class loader.
	 * A broker without endpoints terminates at once, unless it keeps serving.
	 * @throws InvalidStateException if this method was called before
	 */
	public void listenAndServe() {
		// Before the lock: the caller's Thread may be of a class with code of its own.
		ClassLoader loader = Thread.currentThread().getContextClassLoader();
		synchronized (this.lock) {
			require(BrokerState.INITIALISED, "listenAndServe()");
			Broker earlier = this.previous;
			if (earlier != null) {
				earlier.handOver();
			}
			this.threads.launchedBy(loader);
			this.state = BrokerState.SERVING;
		}
		try {
			startThreads();
			if (this.announced) {
				tellAnnouncement();
			}
			Broker earlier = this.previous;
			this.previous = null;
			this.endpoints.inOrder()
				.forEach((supervisor) -> supervisor
					.begin((earlier != null) ? earlier.endpoints.find(supervisor.id()) : null));
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
				// Nothing was handed over yet: the next one may try.
				earlier.handedOver.set(false);
			}
			throw noThread;
		}
	}

	/** Two that continue one broker would share its numbers. */
	private void handOver() {
		if (!this.handedOver.compareAndSet(false, true)) {
			throw new InvalidStateException("listenAndServe() of a broker that continues another",
					"TERMINATED and not yet continued", "continued already");
		}
	}

	/**
	 * Says that {@link #terminate()} will follow soon, because the application is on its
	 * way down: what the endpoints use may already be closing. What serves goes on
	 * serving. How it exits from now on is no crash: nobody is told a crash or a drop,
	 * the log gets a line, and the endpoint is {@link EndpointState#STOPPED}. Time limits
	 * for the start and the heartbeat end, backoffs end, and nothing is launched any
	 * more: {@link #start(String)} and {@link #restart(String)} throw
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
	 * Announces the end also of a broker that does not serve yet. Against a
	 * listenAndServe on another thread: it writes the state and then reads the
	 * announcement, this does it the other way round, so at least one of the two tells
	 * the endpoints.
	 */
	void announce() {
		this.announced = true;
		if (this.state != BrokerState.INITIALISED) {
			tellAnnouncement();
		}
	}

	private void tellAnnouncement() {
		Signal announcement = new Signal.AnnounceTermination();
		this.endpoints.inOrder().forEach((supervisor) -> supervisor.submit(announcement));
	}

	/**
	 * Says that a thread will wait until this broker has terminated, in a way that the
	 * broker cannot see: because it closes the application, for example. If that thread
	 * is one of an endpoint's own, or one of those waits for it, then the broker would
	 * wait for itself. Such an incarnation is closed like any other, but its waiting
	 * thread is not interrupted, and after {@link #terminate()} it is abandoned as soon
	 * as nothing else of it runs. The same holds for a thread inside
	 * {@link Runtime#exit(int)}, once any thread was named here.
	 * <p>
	 * The broker sees that a thread joins another one, or waits for a lock that another
	 * one has, as far as the JVM tells: of platform threads. If the thread is one of this
	 * broker's own, it keeps the JVM up until it ends, for five minutes at most: what it
	 * closes is not cut off half-way. Returns at once.
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
				// A thread that waits for this broker waits for what is inside it.
				inner.awaitedBy(thread);
			}
		});
		if (!this.services.endAwaiters().includes(thread)) {
			// Against noLongerAwaitedBy on another thread: it takes the thread off the
			// list and then tells the incarnations, this does it the other way round. So
			// the last that they are told is what the list says.
			tellThatItAwaitsNoMore(thread);
		}
		if (this.state == BrokerState.TERMINATING) {
			lookForAwaiters();
		}
	}

	/**
	 * Takes back what {@link #awaitedBy(Thread)} said: the thread's wait has returned
	 * before this broker's end, because of a time limit or an interrupt. From now on it
	 * is waited for and interrupted like any other. What was abandoned by then stays so.
	 * Returns at once; for a thread that was not named it changes nothing.
	 * @param thread the thread that waits no more
	 */
	public void noLongerAwaitedBy(Thread thread) {
		if (!this.services.endAwaiters().remove(thread)) {
			return;
		}
		tellThatItAwaitsNoMore(thread);
	}

	/** Also to those that wait for the thread, and were found so by a look. */
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
	 * Looks after a while who of those that are still there cannot end before the broker
	 * does, and again after twice that time: most end at once, and the others may come to
	 * the application's shutdown only after their close.
	 */
	private void lookForAwaiters() {
		if (!this.services.endAwaiters().isEmpty() && this.looking.compareAndSet(false, true)) {
			lookForAwaitersAfter(FIRST_LOOK);
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
				// The thread that ended the broker may have read this field before, see
				// end.
				look.cancel();
			}
		}
		catch (RejectedExecutionException over) {
			// The broker has terminated.
		}
	}

	/**
	 * A Thread with code of its own, which may hang, is looked at on another helper
	 * thread.
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
	 * A look takes its time, and meanwhile a thread may have said that it waits no more.
	 * What was seen then may be told after that, so it is taken back; the next look sees
	 * what still holds.
	 */
	private void tellIfItAwaitsEnd(Incarnation incarnation, Predicate<Thread> awaits, long removals) {
		incarnation.tellIfItAwaitsEnd(awaits);
		if (this.services.endAwaiters().removals() != removals) {
			incarnation.tellThatItAwaitsEndNoMore(this.services.endAwaiters());
		}
	}

	/**
	 * Closes all endpoints and launches nothing any more. Returns at once;
	 * {@link #await()} waits for the end. Calling it again changes nothing.
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
			// Nothing is released for this: the thread stays until all monitors were
			// told.
			this.services.keepUp();
			tellOutside();
		}
		// A repeated caller signals all again: the first may still be on its way.
		try {
			Signal last = new Signal.Terminate();
			this.endpoints.inOrder().forEach((supervisor) -> supervisor.submit(last));
		}
		finally {
			// Also if there was no memory for it: the next caller is not the first.
			if (first) {
				countDown();
				lookForAwaiters();
			}
		}
	}

	private void countDown() {
		if (this.remaining.decrementAndGet() == 0) {
			finish();
		}
	}

	private void finish() {
		List<CompletableFuture<Termination.Stuck>> stuck = survivors("").map(this::stuck).toList();
		CompletableFuture.allOf(stuck.toArray(CompletableFuture[]::new))
			.thenRun(() -> end(new Termination(stuck.stream().map(CompletableFuture::join).toList())));
	}

	private CompletableFuture<Termination.Stuck> stuck(Survivor survivor) {
		Incarnation incarnation = survivor.incarnation();
		return LiveStack.of(incarnation, this.services)
			.thenApply((stack) -> new Termination.Stuck(survivor.path(), incarnation.incarnation(), stack));
	}

	private void end(Termination termination) {
		this.over.complete(termination);
		// Against the timer's thread that arms the next look: it writes down the look and
		// then reads whether the broker is over, this does it the other way round. And
		// before the timer is closed, for after that nobody wakes its thread.
		Time.Timer look = this.nextLook;
		if (look != null) {
			look.cancel();
		}
		this.services.time().close();
		tellOutside();
		this.services.monitors().tellTermination(termination);
		this.keepAlive.end();
		forgetInstances();
		this.services.signals().close();
		this.services.endAwaiters().clear();
	}

	/** On the thread for signals, which has no more to do; not without memory. */
	private void forgetInstances() {
		try {
			this.services.signals().executeOrElse(this.services.seen()::sweep, () -> {
			});
		}
		catch (OutOfMemoryError later) {
			// The next broker's additions sweep too.
		}
	}

	/**
	 * A future that completes when all endpoints have ended or were abandoned. It does
	 * not wait for monitors. It is the caller's own: to complete or cancel it reaches
	 * nobody else, and callbacks on it run on a thread of their own. It completes an
	 * instant after {@link #await()} returns.
	 * @return how the broker ended
	 */
	public CompletableFuture<Termination> terminated() {
		return this.over.isDone() ? CompletableFuture.completedFuture(this.over.join())
				: this.over.thenApplyAsync((termination) -> termination, this::runCallbacks);
	}

	/**
	 * Without a thread of their own they are run on the one for signals, which has
	 * nothing to do any more. If that has ended, this is the caller of
	 * {@link #terminated()}, and his future has no callbacks yet.
	 */
	private void runCallbacks(Runnable completion) {
		this.threads.runOnHelperOrElse(completion, () -> this.services.signals()
			.executeOrElse(() -> this.threads.runOnHelperOrElse(completion, completion), completion));
	}

	/**
	 * Waits until all endpoints have ended or were abandoned. The original's
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
	 * Waits until all endpoints have ended or were abandoned, but not for ever.
	 * @param timeout how long at most
	 * @return whether they have
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
	 * This broker is served by another one.
	 * @param outside hears of each change of {@link #asInner()}, on whatever thread it
	 * happens
	 */
	void servedBy(Runnable outside) {
		this.outside = outside;
	}

	/**
	 * What the broker outside has to know of this one.
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
				// The next one tells this too. Here all must go on, or nothing would end.
			}
		}
	}

	/**
	 * All that has not ended, here and in brokers that are served here.
	 * @param path where this broker is served: ids with a slash after each, or empty
	 */
	Stream<Survivor> survivors(String path) {
		return this.endpoints.inOrder()
			.filter((supervisor) -> !supervisor.alive().isEmpty())
			.flatMap((supervisor) -> supervisor.survivors(path));
	}

	boolean isOwn(Thread thread) {
		return this.threads.isOwn(thread) || alive().anyMatch((incarnation) -> incarnation.runsOn(thread));
	}

	/** At the end there are few, among as many endpoints as there are. */
	private Stream<Incarnation> alive() {
		return this.endpoints.inOrder()
			.map(EndpointSupervisor::alive)
			.filter((alive) -> !alive.isEmpty())
			.flatMap(List::stream);
	}

	/**
	 * Terminates and waits for the end, and for up to a second until the log is written.
	 * A broker that has not served yet has terminated then, and never will: no monitor is
	 * told, for none was told of a beginning. On a thread of this broker, and when
	 * interrupted, it does not wait (any longer).
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

	/** Against a listenAndServe on another thread: one of the two comes first. */
	private boolean closedUnserved() {
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

	private EndpointSupervisor launchable(String id, String action) {
		EndpointSupervisor supervisor = operable(id, action);
		if (this.announced) {
			throw new EndpointTerminatedException("The broker of endpoint '" + id + "'");
		}
		return supervisor;
	}

	private EndpointSupervisor operable(String id, String action) {
		CallerStack.requireRoom();
		EndpointSupervisor supervisor = supervisor(id);
		BrokerState current = state();
		if (current == BrokerState.INITIALISED) {
			throw new InvalidStateException(action + " of endpoint '" + id + "'", BrokerState.SERVING.name(),
					current.name());
		}
		if (current != BrokerState.SERVING) {
			throw new EndpointTerminatedException("The broker of endpoint '" + id + "'");
		}
		return supervisor;
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

		private int historySize = 20;

		private @Nullable Broker previous;

		private @Nullable Time time;

		private @Nullable Threads threads;

		private int slice = SignalThread.SLICE;

		private Builder() {
		}

		/**
		 * Sets whether the broker goes on when all its endpoints have finished or were
		 * dropped, so that an operator can start them again. When all have finished it
		 * goes on without keeping the JVM up, until one of them is started again.
		 * @param keepServing {@code false} by default: it terminates
		 * @return this builder
		 */
		public Builder keepServing(boolean keepServing) {
			this.keepServing = keepServing;
			return this;
		}

		/**
		 * Sets where the threads of incarnations and of their closes come from. The
		 * factory is called by several threads at once; the broker names what it returns
		 * and makes it a daemon. A factory that throws or returns {@code null} makes the
		 * incarnation crash in phase {@link CrashPhase#CREATE}. One of the JDK's own for
		 * virtual threads, as from {@code Thread.ofVirtual().factory()}, stands for its
		 * kind: the broker makes such threads itself, and they inherit no thread-locals.
		 * @param threadFactory the factory; by default platform threads that inherit no
		 * thread-locals
		 * @return this builder
		 */
		public Builder threadFactory(ThreadFactory threadFactory) {
			this.threadFactory = threadFactory;
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
		 * Lets the new broker go on where a terminated one ended: an endpoint registered
		 * under an id that the earlier broker knew keeps its incarnation numbers, totals,
		 * history and abandoned incarnations, and what an operator stopped or started by
		 * hand stays so. Errors in a row begin anew. Only one of the brokers that are
		 * built to continue another can serve.
		 * @param previous the earlier broker
		 * @return this builder
		 * @throws InvalidStateException if the earlier broker has not terminated
		 */
		public Builder continuing(Broker previous) {
			previous.require(BrokerState.TERMINATED, "continuing a broker");
			this.previous = previous;
			return this;
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

		/** For tests that hand over sooner. */
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

	/** Made when it is first asked for. */
	private static final class Default {

		static final Broker BROKER = create();

	}

	/** Read when it is first asked for. */
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
