package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import dev.cider.broker.Signal.Closed;
import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.Created;
import dev.cider.broker.Signal.Ready;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Threw;
import org.jspecify.annotations.Nullable;

/**
 * One instance and its run: the only place where the methods of an endpoint are called.
 * It decides nothing. Its thread reports each step and waits for the machine's verdict,
 * which comes at once, for whoever gives it runs no user code.
 */
final class Incarnation implements EndpointContext {

	private static final Duration STACK_LIMIT = Duration.ofSeconds(1);

	/** How long it takes until a machine that is out of threads is asked again. */
	static final Duration FAMINE_PAUSE = Duration.ofMillis(100);

	/** How long a close waits for an interrupt that was meant for the factory. */
	private static final Duration INTERRUPT_LIMIT = Duration.ofSeconds(1);

	/**
	 * A finished incarnation keeps no thread. No thread itself, for even one that never
	 * starts keeps the context class loader of whoever made it.
	 */
	private static final Object NOBODY = new Object();

	private final String id;

	private final long number;

	/**
	 * Who hears of it. Another one from when it takes over what the broker before had to
	 * abandon: what lives long must not keep all brokers that it outlives.
	 */
	private volatile EndpointSupervisor supervisor;

	/** Taken by the thread that runs the body, or by the one that could get no thread. */
	private final AtomicBoolean begun = new AtomicBoolean();

	/**
	 * Taken by the thread that closes aside: the one asked for, or its replacement. From
	 * when it has closed, {@link #NOBODY}.
	 */
	private final AtomicReference<@Nullable Object> closer = new AtomicReference<>();

	private volatile boolean closing;

	private volatile boolean closesAside;

	private volatile boolean ready;

	/** When it said that it is alive; 0 if it never did. */
	private volatile long heartbeat;

	private volatile @Nullable Thread body;

	/** From the moment it is made until it is closed, by whichever thread. */
	private volatile @Nullable Endpoint instance;

	/** Written by whoever carries the machine's actions out, awaited by the body. */
	private volatile @Nullable Verdict verdict;

	/** Counted down when the latest interrupt has been delivered. */
	private volatile @Nullable CountDownLatch interrupt;

	Incarnation(EndpointSupervisor supervisor, long number) {
		this.id = supervisor.id();
		this.number = number;
		this.supervisor = supervisor;
	}

	@Override
	public String id() {
		return this.id;
	}

	@Override
	public long incarnation() {
		return this.number;
	}

	@Override
	public void ready() {
		if (!this.ready) {
			// Two threads may both come here; the second signal means nothing.
			this.ready = true;
			this.supervisor.submit(new Ready(this.number));
		}
	}

	@Override
	public void heartbeat() {
		this.heartbeat = this.supervisor.nanos() | 1;
	}

	boolean heard() {
		return this.heartbeat != 0;
	}

	long lastHeartbeat() {
		return this.heartbeat;
	}

	@Override
	public boolean closing() {
		return this.closing;
	}

	String threadName() {
		return "broker-" + id() + "-" + this.number;
	}

	// On the incarnation's own thread

	/**
	 * The whole life. A ThreadFactory that runs its task twice gets one life all the
	 * same.
	 */
	void live() {
		if (!this.begun.compareAndSet(false, true)) {
			return;
		}
		this.body = Thread.currentThread();
		try {
			LoggingContext.with(id(), this::createAndServe);
		}
		finally {
			this.body = null;
		}
	}

	private void createAndServe() {
		Endpoint made = create();
		if (made != null) {
			this.instance = made;
			serveAndClose(made);
		}
	}

	/**
	 * There is no thread for this incarnation, unless the factory started one secretly.
	 */
	void refused(Throwable noThread) {
		if (this.begun.compareAndSet(false, true)) {
			createFailed(this.supervisor.threadFailure(noThread));
		}
	}

	private @Nullable Endpoint create() {
		try {
			if (!this.closing) {
				// In two steps: nothing on this thread refers to the supervisor while the
				// factory is at work, which may take longer than the broker lives.
				Endpoint made = make(this.supervisor.factory());
				return this.supervisor.accept(made);
			}
		}
		catch (Throwable thrown) {
			createFailed(this.supervisor.failure(thrown));
			return null;
		}
		createFailed(this.supervisor.threadFailure(new IllegalStateException("closed before it was made")));
		return null;
	}

	private @Nullable Endpoint make(EndpointFactory factory) throws Exception {
		return (factory instanceof ContextualEndpointFactory contextual) ? contextual.create(this) : factory.create();
	}

	private void createFailed(Failure failure) {
		this.closing = true;
		this.supervisor.submit(new CreateFailed(this.number, failure, roll()));
	}

	private void serveAndClose(Endpoint made) {
		Verdict next = ask(new Created(this.number));
		if (next == Verdict.SERVE) {
			next = ask(serve(made));
		}
		if (next == Verdict.CLOSE) {
			shedInterrupt();
			close(made);
		}
		else if (this.closesAside) {
			// In case that there was no thread for it. Whoever comes second does nothing.
			Thread.interrupted();
			closeOnce();
		}
	}

	private Signal serve(Endpoint made) {
		try {
			made.listenAndServe();
			return new Returned(this.number, roll());
		}
		catch (Throwable thrown) {
			return new Threw(this.number, this.supervisor.failure(thrown), roll());
		}
	}

	/**
	 * Reports a step and waits for the verdict. The wait is short: it ends when the
	 * thread that works on this endpoint's signals, which is often this one, has come to
	 * this signal. An interrupt that arrives meanwhile is kept for the user's code.
	 */
	private Verdict ask(Signal signal) {
		this.verdict = null;
		this.supervisor.submit(signal);
		boolean interrupted = false;
		Verdict given;
		while ((given = this.verdict) == null) {
			LockSupport.park(this);
			interrupted |= Thread.interrupted();
		}
		if (interrupted) {
			interruptAgain();
		}
		return given;
	}

	/** The ThreadFactory's Thread may have an interrupt of its own, which may throw. */
	private static void interruptAgain() {
		try {
			Thread.currentThread().interrupt();
		}
		catch (Throwable broken) {
			// G9: it must not cost the instance its close.
		}
	}

	/**
	 * Deliberately clears the interrupt flag: it was meant for the factory or the serving
	 * code, and close must have its chance to be graceful. An interrupt that has been
	 * ordered (by a stop, on another thread) but not delivered is waited for, or it would
	 * hit the close; but not for long, for delivering it can run user code that hangs.
	 */
	private void shedInterrupt() {
		CountDownLatch ordered = this.interrupt;
		if (ordered != null) {
			awaitUninterruptibly(ordered);
		}
		Thread.interrupted();
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		long deadline = System.nanoTime() + INTERRUPT_LIMIT.toNanos();
		while (true) {
			try {
				latch.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
				return;
			}
			catch (InterruptedException itself) {
				// Just what is awaited.
			}
		}
	}

	private void close(Endpoint made) {
		try {
			made.close();
		}
		catch (Throwable thrown) {
			this.supervisor.note("close of incarnation " + this.number + " threw", thrown);
		}
		this.instance = null;
		this.supervisor.submit(new Closed(this.number));
	}

	static double roll() {
		return ThreadLocalRandom.current().nextDouble();
	}

	// On the thread that carries the machine's actions out

	void tell(Verdict verdict) {
		Thread waiting = this.body;
		this.verdict = verdict;
		LockSupport.unpark(waiting);
	}

	void closingBegins() {
		this.closing = true;
	}

	/**
	 * From now on another supervisor hears of it. What is on its way to the one before,
	 * that one passes on.
	 */
	void inheritedBy(EndpointSupervisor heir) {
		this.supervisor = heir;
	}

	/**
	 * Starts the close on a thread like those of incarnations, or, if the ThreadFactory
	 * has none, on one of our own: every instance is closed, whatever happens.
	 */
	void closeAside(Engine engine) {
		this.closesAside = true;
		try {
			engine.threads().start(threadName() + "-close", this::closeOnce, (noThread) -> closeOnOwnThread(engine));
		}
		catch (Throwable noThread) {
			closeOnOwnThread(engine);
		}
	}

	/** Tries until there is a thread: nothing else would ever close the instance. */
	private void closeOnOwnThread(Engine engine) {
		if (this.instance == null || this.closer.get() != null) {
			return;
		}
		try {
			engine.threads().own(threadName() + "-close", this::closeOnce).start();
		}
		catch (Throwable noThread) {
			engine.time().after(FAMINE_PAUSE, () -> closeOnOwnThread(engine));
		}
	}

	private void closeOnce() {
		Endpoint made = this.instance;
		if (made != null && this.closer.compareAndSet(null, Thread.currentThread())) {
			LoggingContext.with(id(), () -> close(made));
			this.closer.set(NOBODY);
		}
	}

	/**
	 * Interrupts what runs. Each thread on a hand of its own, for an interrupt can run
	 * user code, that of a channel or of a Thread subclass. A close that has not even
	 * begun by now, since the ThreadFactory hangs or does not run what it is given, gets
	 * another thread.
	 */
	void interrupt(Engine engine) {
		Threads threads = engine.threads();
		CountDownLatch delivered = new CountDownLatch(1);
		this.interrupt = delivered;
		threads.handOrElse(() -> interruptBody(delivered), delivered::countDown);
		Object closing = this.closer.get();
		if (closing instanceof Thread thread) {
			threads.handOrElse(thread::interrupt, () -> {
			});
		}
		if (closing == null && this.closesAside) {
			closeOnOwnThread(engine);
		}
	}

	private void interruptBody(CountDownLatch delivered) {
		try {
			Thread running = this.body;
			if (running != null) {
				running.interrupt();
			}
		}
		finally {
			delivered.countDown();
		}
	}

	// For whoever asks

	boolean runsOn(Thread thread) {
		return thread == this.body || thread == this.closer.get();
	}

	/**
	 * Where its thread is. Reading that can run user code, that of a Thread subclass, so
	 * it is done on a hand, and not waited for longer than a second.
	 * @return completes with the stack, innermost call first; empty if there is none to
	 * be had
	 */
	CompletableFuture<List<StackTraceElement>> stack(Engine engine) {
		CompletableFuture<List<StackTraceElement>> stack = new CompletableFuture<>();
		try {
			Time.Timer limit = engine.time().after(STACK_LIMIT, () -> stack.complete(List.of()));
			engine.threads().hand(() -> {
				stack.complete(stack());
				limit.cancel();
			});
		}
		catch (Throwable noThread) {
			stack.complete(List.of());
		}
		return stack;
	}

	private List<StackTraceElement> stack() {
		Thread running = this.body;
		Object closing = (running != null) ? running : this.closer.get();
		try {
			return (closing instanceof Thread thread) ? List.of(thread.getStackTrace()) : List.of();
		}
		catch (Throwable broken) {
			return List.of();
		}
	}

	/**
	 * What the machine tells a thread that waits.
	 */
	enum Verdict {

		/** Call {@code listenAndServe}. */
		SERVE,

		/** Call {@code close}. */
		CLOSE,

		/** Nothing: another thread closes, or has closed. */
		DONE

	}

}
