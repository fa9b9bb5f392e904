package dev.cider.broker.spring;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.GateSnapshot;
import dev.cider.broker.InvalidStateException;
import dev.cider.broker.UnknownEndpointException;
import jakarta.annotation.Priority;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the broker of an application context. Inject {@link BrokerOperations} to see and
 * operate the endpoints.
 * <p>
 * A {@link Broker} serves once, but a context can be started many times (pause and
 * resume, checkpoint and restore). So every start builds a new broker from the same
 * factories; it continues the numbers and the history of the last broker. Before the
 * first start the endpoints are shown as {@code REGISTERED}; between a stop and the next
 * start with their last values as {@code STOPPED}. In both cases operations throw
 * {@link InvalidStateException}.
 * <p>
 * If an application has other beans of type {@link BrokerOperations}, for example its own
 * {@link Broker}, this lifecycle is injected, unless another bean is primary or is named
 * at the injection point.
 */
@Priority(Integer.MAX_VALUE)
public final class BrokerLifecycle implements SmartLifecycle, BrokerOperations {

	/**
	 * The default phase: the broker starts before the web server opens its port, and
	 * stops after the server has drained.
	 */
	public static final int PHASE = DEFAULT_PHASE - 4096;

	private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

	private final BrokerBlueprint blueprint;

	private final ApplicationEventPublisher publisher;

	private final int phase;

	private final boolean autoStartup;

	private final AddedEndpoints added = new AddedEndpoints();

	/**
	 * The current run: set when a start begins, empty again before the callbacks of its
	 * stop.
	 */
	private final AtomicReference<@Nullable BrokerRun> current = new AtomicReference<>();

	/**
	 * Shown while no run has a broker; replaced at the end of each run. Created at first
	 * use, because the ids are known only when the factory beans have been created.
	 */
	private final AtomicReference<@Nullable StoppedBroker> stopped = new AtomicReference<>();

	/**
	 * A lifecycle that has not been started.
	 * @param blueprint supplies endpoints, options and monitors
	 * @param publisher gets the events
	 * @param phase when to start and stop, see {@link #getPhase()}
	 * @param autoStartup whether to start with the context
	 */
	public BrokerLifecycle(BrokerBlueprint blueprint, ApplicationEventPublisher publisher, int phase,
			boolean autoStartup) {
		this.blueprint = blueprint;
		this.publisher = publisher;
		this.phase = phase;
		this.autoStartup = autoStartup;
	}

	/**
	 * Builds a new broker and makes it serve. Does not wait for the endpoints. Does
	 * nothing if the broker is running.
	 * @throws InvalidStateException while a stop is in progress
	 */
	@Override
	public void start() {
		BrokerRun run = new BrokerRun(new EventPublishingMonitor(this, this.publisher), this::over);
		BrokerRun running = this.current.compareAndExchange(null, run);
		if (running == null) {
			launch(run);
		}
		else if (running.isStopRequested()) {
			throw new InvalidStateException("start of the broker", "INITIALISED or TERMINATED", "TERMINATING");
		}
	}

	private void launch(BrokerRun run) {
		try {
			run.launch(this.blueprint, this.added, stopped());
		}
		catch (Throwable ex) {
			// A blueprint in Kotlin may throw a checked exception undeclared.
			run.end();
			throw ex;
		}
	}

	/**
	 * The thread that ends a run calls this, once and before the callbacks of the stop.
	 */
	private void over(BrokerRun run) {
		Broker ended = run.broker();
		if (ended != null) {
			this.stopped.set(StoppedBroker.after(ended, run.lostEvents()));
		}
		this.current.set(null);
	}

	/**
	 * Announces a stop: the context is about to close or to pause, and Spring may stop
	 * beans that the endpoints use before it stops the endpoints. The endpoints go on
	 * serving, but from now on no exit is a crash, and the broker starts no endpoint
	 * again. Does nothing if the broker does not run. The announcement does not hold for
	 * the next start.
	 * @see Broker#announceTermination()
	 */
	public void announceStop() {
		BrokerRun running = this.current.get();
		if (running != null) {
			running.announceStop();
		}
	}

	/**
	 * Declares that a thread waits until the broker has stopped, so that the broker does
	 * not wait for this thread. Needed if the thread waits in a way that the broker
	 * cannot see, for example for the callback of a {@link #stop(Runnable)}.
	 * {@link #stop()} declares its caller, and a context that closes, pauses or stops
	 * declares its thread. Does nothing if the broker does not run.
	 * @param thread the thread that waits
	 * @return {@code true} if the thread was not declared before; then the caller of this
	 * method has to call {@link #noLongerAwaitedBy(Thread)}
	 * @see Broker#awaitedBy(Thread)
	 */
	public boolean awaitedBy(Thread thread) {
		BrokerRun running = this.current.get();
		return running != null && running.awaitedBy(thread);
	}

	/**
	 * Revokes {@link #awaitedBy(Thread)}: the thread no longer waits. Needed only if the
	 * thread ended its wait before the broker has stopped; otherwise it does nothing.
	 * @param thread the thread that no longer waits
	 * @see Broker#noLongerAwaitedBy(Thread)
	 */
	public void noLongerAwaitedBy(Thread thread) {
		BrokerRun running = this.current.get();
		if (running != null) {
			running.noLongerAwaitedBy(thread);
		}
	}

	/**
	 * Stops the broker and waits until all endpoints have ended or were abandoned.
	 */
	@Override
	public void stop() {
		stopAndAwait(() -> {
		}, () -> FOR_EVER);
	}

	/**
	 * Stops the broker and returns without waiting, with one exception: if Spring is
	 * about to stop a bean that the endpoints need, this waits until they have ended, at
	 * most for the timeout of the phase. Spring itself waits for the callback only at the
	 * end of the phase, not before it stops the next bean.
	 * @param callback called once, on a separate thread, when all endpoints have ended or
	 * were abandoned and the monitors were told, but at most one second after the last
	 * endpoint; if the broker does not run, called at once on the caller's thread
	 */
	@Override
	public void stop(Runnable callback) {
		stopAndAwait(callback, this.blueprint::stopWait);
	}

	private void stopAndAwait(Runnable callback, Supplier<Duration> wait) {
		BrokerRun running = this.current.get();
		if (running == null) {
			callback.run();
			return;
		}
		Duration limit = wait.get();
		if (limit.isZero()) {
			requestStop(running, callback);
		}
		else {
			stopAndAwait(running, callback, limit);
		}
	}

	/**
	 * The caller may be a thread of an endpoint, so it is declared as waiting before the
	 * stop is requested. In the other order, the broker would interrupt it at once if the
	 * endpoint is still being created. If the caller was declared before this call,
	 * because it closes the context, it stays declared afterwards.
	 */
	private static void stopAndAwait(BrokerRun running, Runnable callback, Duration limit) {
		Thread caller = Thread.currentThread();
		boolean declared = running.awaitedBy(caller);
		try {
			CountDownLatch done = new CountDownLatch(1);
			requestStop(running, callback).thenRun(done::countDown);
			awaitUninterrupted(done, limit);
		}
		finally {
			if (declared) {
				running.noLongerAwaitedBy(caller);
			}
		}
	}

	private static CompletableFuture<Void> requestStop(BrokerRun running, Runnable callback) {
		CompletableFuture<Void> over = running.requestStop();
		// A thread for each callback: one that hangs does not block the others.
		over.thenRunAsync(callback, BrokerRun::runOnItsOwnThread);
		return over;
	}

	private static void awaitUninterrupted(CountDownLatch done, Duration limit) {
		try {
			done.await(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			// The caller shall go on; the stop completes without it.
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Whether the broker runs.
	 * @return {@code true} from the beginning of a start until the callback of the stop,
	 * whatever the endpoints do
	 */
	@Override
	public boolean isRunning() {
		return this.current.get() != null;
	}

	@Override
	public boolean isAutoStartup() {
		return this.autoStartup;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

	/**
	 * The options of an endpoint: the properties, as changed by the customizers, or what
	 * it was {@linkplain #add(String, EndpointFactory, EndpointOptions) added} with, as
	 * changed by the properties for its id.
	 * @param id the endpoint's id
	 * @return its options
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	public EndpointOptions options(String id) {
		EndpointOptions given = this.added.options(id);
		return (given != null) ? given : this.blueprint.options(id);
	}

	/**
	 * The effect that a drop of an endpoint has on health and on the application.
	 * @param id the endpoint's id
	 * @return the effect that the properties configure
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	public DropEffect dropEffect(String id) {
		DropEffect added = this.added.dropEffect(id);
		return (added != null) ? added : this.blueprint.dropEffect(id);
	}

	/**
	 * How many events were never published because the listeners did not keep up, see
	 * {@link Broker#lost}. Events that a stop discards are not counted.
	 * @return the number since the context was created, over all starts
	 */
	public long lostEvents() {
		BrokerRun running = this.current.get();
		return (running != null && running.broker() != null) ? running.lostEvents() : stopped().lostEvents();
	}

	/**
	 * A consistent view of the broker and its endpoints. Separate calls of
	 * {@link #state()} and {@link #endpoints()} may see different moments, and different
	 * brokers if the context is stopped and started in between.
	 * @return the broker's state and the snapshots that belong to it
	 */
	public BrokerView view() {
		return BrokerView.of(broker());
	}

	/**
	 * A consistent view of one endpoint and its history.
	 * @param id the endpoint's id
	 * @return the snapshot and the history that belongs to it
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	public EndpointView view(String id) {
		return EndpointView.of(broker(), id);
	}

	@Override
	public BrokerState state() {
		return broker().state();
	}

	@Override
	public List<EndpointSnapshot> endpoints() {
		return broker().endpoints();
	}

	@Override
	public EndpointSnapshot endpoint(String id) {
		return broker().endpoint(id);
	}

	@Override
	public List<CrashSummary> history(String id) {
		return broker().history(id);
	}

	@Override
	public List<GateSnapshot> gates() {
		return broker().gates();
	}

	@Override
	public void start(String id) {
		broker().start(id);
	}

	@Override
	public void stop(String id) {
		broker().stop(id);
	}

	@Override
	public void restart(String id) {
		broker().restart(id);
	}

	/**
	 * Adds an endpoint to the broker while it serves. A pause of the context keeps the
	 * endpoint: the broker of the next start has it too, and goes on with its numbers.
	 * What properties set for its id, if that matches {@code broker.added-endpoints}, has
	 * precedence over the given options; the properties that endpoints share do not
	 * apply.
	 */
	@Override
	public <F extends EndpointFactory> void add(String id, F factory, EndpointOptions options) {
		addConfigured(id, factory, options);
	}

	/**
	 * As {@link #add(String, EndpointFactory, EndpointOptions)}.
	 */
	@Override
	public void add(String id, ContextualEndpointFactory factory, EndpointOptions options) {
		addConfigured(id, factory, options);
	}

	/** The blueprint makes gates, which are code of the user: under no lock. */
	private void addConfigured(String id, EndpointFactory factory, EndpointOptions options) {
		Objects.requireNonNull(id, "id must not be null");
		Objects.requireNonNull(options, "options must not be null");
		EndpointOptions configured = this.blueprint.addedOptions(id, factory, options);
		this.added.add(this::broker, id, factory, configured, this.blueprint.addedDropEffect(id));
	}

	/**
	 * Removes an endpoint from the broker while it serves. If it comes from a bean, the
	 * broker of the next start has it again, unless another was added under its id.
	 */
	@Override
	public CompletableFuture<Void> remove(String id) {
		return this.added.remove(this::broker, id);
	}

	private BrokerOperations broker() {
		BrokerRun running = this.current.get();
		Broker serving = (running != null) ? running.broker() : null;
		return (serving != null) ? serving : stopped();
	}

	private StoppedBroker stopped() {
		StoppedBroker known = this.stopped.get();
		if (known == null) {
			StoppedBroker first = StoppedBroker.beforeFirst(this.blueprint.ids());
			known = this.stopped.compareAndSet(null, first) ? first : Objects.requireNonNull(this.stopped.get());
		}
		return known;
	}

}
