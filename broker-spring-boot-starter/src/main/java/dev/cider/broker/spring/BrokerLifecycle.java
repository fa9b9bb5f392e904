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
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
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
 * A {@link Broker} serves once, a context can be started many times (pause and resume,
 * checkpoint and restore): every start builds a new broker from the same factories that
 * goes on where the last one ended. Before the first start the endpoints are shown as
 * {@code REGISTERED}; between a stop and the next start with their last values as
 * {@code STOPPED}. Operations throw {@link InvalidStateException} then.
 * <p>
 * Where an application has other beans of type {@link BrokerOperations}, a {@link Broker}
 * of its own for example, this one is injected unless the other is primary or named.
 */
@Priority(Integer.MAX_VALUE)
public final class BrokerLifecycle implements SmartLifecycle, BrokerOperations {

	/**
	 * The phase unless configured otherwise: started before the web server opens its
	 * port, stopped after it has drained.
	 */
	public static final int PHASE = DEFAULT_PHASE - 4096;

	private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

	private final BrokerBlueprint blueprint;

	private final ApplicationEventPublisher publisher;

	private final int phase;

	private final boolean autoStartup;

	/** The run from the moment a start begins until its stop calls back. */
	private final AtomicReference<@Nullable BrokerRun> current = new AtomicReference<>();

	/**
	 * What is shown while the run has no broker; changes between two runs. None until it
	 * is needed: which endpoints there are, the beans tell only when they are made.
	 */
	private final AtomicReference<@Nullable StoppedBroker> stopped = new AtomicReference<>();

	/**
	 * A lifecycle that has not been started.
	 * @param blueprint what each broker is built from
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
			run.launch(this.blueprint, stopped());
		}
		catch (Throwable ex) {
			// Not every language declares what it throws.
			run.end();
			throw ex;
		}
	}

	/**
	 * Called once per run, by whoever ends it, before the callbacks of the stop.
	 */
	private void over(BrokerRun run) {
		Broker ended = run.broker();
		if (ended != null) {
			this.stopped.set(StoppedBroker.after(this.blueprint.ids(), ended, run.lostEvents()));
		}
		this.current.set(null);
	}

	/**
	 * Says that a stop will follow soon, because the context is about to close or to
	 * pause: what the endpoints use may be stopped before them. They go on serving; how
	 * they exit from now on is no crash, and none is started again. Does nothing if the
	 * broker does not run; after a stop and a start it serves as ever.
	 * @see Broker#announceTermination()
	 */
	public void announceStop() {
		BrokerRun running = this.current.get();
		if (running != null) {
			running.announceStop();
		}
	}

	/**
	 * Says that a thread waits until the broker has stopped, in a way that cannot be
	 * seen: it closes the context, or waits for the callback of a {@link #stop(Runnable)}
	 * of its own. {@link #stop()} says so by itself, and so does a context that closes,
	 * pauses or stops. Does nothing if the broker does not run.
	 * @param thread the thread that waits
	 * @return whether that is new: then the caller is the one to take it back
	 * @see Broker#awaitedBy(Thread)
	 */
	public boolean awaitedBy(Thread thread) {
		BrokerRun running = this.current.get();
		return running != null && running.awaitedBy(thread);
	}

	/**
	 * Takes back what {@link #awaitedBy(Thread)} said: the wait has returned. Needed only
	 * if the broker has not stopped by then, and harmless otherwise.
	 * @param thread the thread that waits no more
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
	 * Stops the broker and returns. Only if something that the endpoints need is about to
	 * be stopped right after that, this waits until they have ended, at most as long as
	 * the phase may take: Spring waits for the callback at the end of a phase, not before
	 * it stops the next bean of the phase.
	 * @param callback called once, on a thread of its own, or at once on the caller's if
	 * the broker does not run: when all endpoints have ended or were abandoned and the
	 * monitors were told so, at the latest one second after the former
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
	 * The caller may be a thread of an endpoint, so it says that it waits before it asks
	 * for the stop: an endpoint that is being made would be interrupted at once. A caller
	 * who said so before, for it closes the context, goes on waiting after this.
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
		// Each on a thread of its own: one that hangs keeps no other from being called.
		over.thenRunAsync(callback, BrokerRun::runOnItsOwnThread);
		return over;
	}

	private static void awaitUninterrupted(CountDownLatch done, Duration limit) {
		try {
			done.await(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			// Whoever interrupts a stop wants to go on without it; it ends by itself.
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
	 * How an endpoint is supervised: the properties, changed by the customizers.
	 * @param id the endpoint's id
	 * @return its options
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	public EndpointOptions options(String id) {
		return this.blueprint.options(id);
	}

	/**
	 * What a drop of an endpoint means for the application.
	 * @param id the endpoint's id
	 * @return what the properties say
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	public DropEffect dropEffect(String id) {
		return this.blueprint.dropEffect(id);
	}

	/**
	 * How many events were never published because the listeners did not keep up, see
	 * {@link Broker#lost}. What a stop cuts off is not among them.
	 * @return the number since the context was made, over all starts
	 */
	public long lostEvents() {
		BrokerRun running = this.current.get();
		return (running != null && running.broker() != null) ? running.lostEvents() : stopped().lostEvents();
	}

	/**
	 * The broker and its endpoints in one look. {@link #state()} and {@link #endpoints()}
	 * one after the other may speak of different moments, and of different brokers if the
	 * context is stopped and started in between.
	 * @return what belongs together
	 */
	public BrokerView view() {
		return BrokerView.of(broker());
	}

	/**
	 * One endpoint and its history in one look.
	 * @param id the endpoint's id
	 * @return what belongs together
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
