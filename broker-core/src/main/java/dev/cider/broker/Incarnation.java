package dev.cider.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.InnerChanged;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Threw;
import org.jspecify.annotations.Nullable;

/**
 * One instance and its run: the only place where the methods of an endpoint are called.
 * It decides nothing. Its thread reports each step and waits for the machine's verdict.
 * The wait is short: the draining thread, which delivers the verdict, runs no user code.
 */
final class Incarnation implements Threads.Task, Threads.Waiter {

	private static final VarHandle BEGUN;

	/** Made early: it is needed when there may be no memory. */
	private static final Exception CLOSED_BEFORE = new IllegalStateException("closed before it was made");

	static {
		CLOSED_BEFORE.setStackTrace(new StackTraceElement[0]);
		try {
			BEGUN = MethodHandles.lookup().findVarHandle(Incarnation.class, "begun", boolean.class);
		}
		catch (ReflectiveOperationException renamed) {
			throw new ExceptionInInitializerError(renamed);
		}
	}

	private final long number;

	/**
	 * Receives its signals. Replaced when a successor takes over this abandoned
	 * incarnation: a long-lived incarnation must not keep all earlier brokers in memory.
	 */
	private volatile EndpointSupervisor supervisor;

	/** Set once, by the thread that runs the body or reports that there is none. */
	@SuppressWarnings("unused") // only ever touched through its handle
	private volatile boolean begun;

	private volatile boolean closing;

	/** Whether {@code listenAndServe} has ended: from then on the close may hang. */
	private volatile boolean exited;

	private volatile @Nullable Thread body;

	/** Set from its creation until any thread has closed it; an inner broker stays. */
	private volatile @Nullable Endpoint instance;

	/** Written by the draining thread; the incarnation's thread waits for it. */
	private volatile @Nullable Verdict verdict;

	/** Made by the draining thread when it is first needed. */
	private volatile @Nullable CloseTask closeTask;

	private volatile @Nullable IncarnationContext context;

	Incarnation(EndpointSupervisor supervisor, long number) {
		this.number = number;
		this.supervisor = supervisor;
	}

	String id() {
		return this.supervisor.id();
	}

	long incarnation() {
		return this.number;
	}

	EndpointSupervisor supervisor() {
		return this.supervisor;
	}

	boolean closing() {
		return this.closing;
	}

	/**
	 * The time of its last heartbeat, in nanoseconds; 0 if there was none.
	 */
	long lastHeartbeat() {
		IncarnationContext said = this.context;
		return (said != null) ? said.lastHeartbeat() : 0;
	}

	@Override
	public String threadName() {
		return "broker-" + id() + "-" + this.number;
	}

	@Override
	public boolean prefersVirtualThread() {
		return this.supervisor.options().virtualThreads();
	}

	// On the incarnation's own thread

	/**
	 * The whole run. If a ThreadFactory runs its task twice, the second call does
	 * nothing. {@code listenAndServe} is called here and no deeper: every frame below it
	 * takes memory for as long as the endpoint serves.
	 */
	@Override
	public void run() {
		if (!BEGUN.compareAndSet(this, false, true)) {
			return;
		}
		this.body = Thread.currentThread();
		LoggingContext.enter(id());
		try {
			Endpoint made = makeToServe();
			if (made != null) {
				Throwable thrown = null;
				try {
					made.listenAndServe();
				}
				catch (Throwable crash) {
					thrown = crash;
				}
				served(made, thrown);
			}
		}
		finally {
			LoggingContext.leave();
			this.body = null;
		}
	}

	/** So that a thread decorator that hangs is found, and interrupted. */
	@Override
	public void enter() {
		this.body = Thread.currentThread();
		LoggingContext.enter(id());
	}

	@Override
	public void leave() {
		LoggingContext.leave();
		this.body = null;
	}

	@Override
	public void decoratorThrew(Throwable thrown) {
		this.supervisor.noteOf(this.number, "the thread decorator threw after", "had ended", thrown);
	}

	/**
	 * The ThreadFactory gave no thread, or the thread decorator did not run the body.
	 * Does nothing if the body runs already, because the factory started it itself.
	 */
	@Override
	public void refused(Throwable noThread) {
		if (BEGUN.compareAndSet(this, false, true)) {
			createFailed(noThread, false);
		}
	}

	/**
	 * Reports the failure after a pause, even if the policy has no delay: otherwise
	 * launching would be a busy loop.
	 */
	@Override
	public void starved(Throwable noThread) {
		// Read on this thread, which caught it: the timer's thread only leaves the
		// signal.
		Failure failure = this.supervisor.threadFailure(noThread);
		this.supervisor.services().time().after(Shortage.PAUSE, () -> {
			if (BEGUN.compareAndSet(this, false, true)) {
				this.closing = true;
				this.supervisor.leave(new CreateFailed(this.number, failure, this.supervisor.nanos(), roll()));
			}
		});
	}

	/** Returns the instance if it is to be served; otherwise nothing is left to do. */
	private @Nullable Endpoint makeToServe() {
		Endpoint made = create();
		if (made == null) {
			return null;
		}
		this.instance = made;
		Verdict verdict = askAfterCreation();
		if (verdict == Verdict.SERVE) {
			return made;
		}
		obey(verdict, made);
		return null;
	}

	private Verdict askAfterCreation() {
		while (true) {
			try {
				if (this.instance instanceof InnerBroker inner) {
					// It is served without a wrapper, so it can report its changes here.
					inner.servedBy(this::innerChanged);
				}
				return ask(Signal.created(this.number));
			}
			catch (OutOfMemoryError notAsked) {
				Shortage.awaitMemory();
			}
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
			createFailed(thrown, true);
			return null;
		}
		createFailed(CLOSED_BEFORE, false);
		return null;
	}

	private @Nullable Endpoint make(EndpointFactory factory) throws Exception {
		if (factory instanceof ContextualEndpointFactory contextual) {
			IncarnationContext own = new IncarnationContext(this);
			this.context = own;
			return contextual.create(own);
		}
		return factory.create();
	}

	/** Reads a Throwable, which may run user code. */
	private Failure failure(Throwable thrown) {
		return this.supervisor.failure(thrown, (broken) -> this.supervisor.note(this.number,
				"the policy's fatal predicate threw, which counts as no", broken));
	}

	/**
	 * Reports that there is no instance.
	 * @param byFactory whether user code threw, so that the policy's predicate is asked
	 */
	private void createFailed(Throwable thrown, boolean byFactory) {
		this.closing = true;
		// Taken before the Throwable is read, which runs user code.
		long exited = this.supervisor.nanos();
		Failure failure = null;
		while (true) {
			try {
				if (failure == null) {
					failure = byFactory ? failure(thrown) : this.supervisor.threadFailure(thrown);
				}
				this.supervisor.submit(new CreateFailed(this.number, failure, exited, roll()));
				return;
			}
			catch (OutOfMemoryError notReported) {
				Shortage.awaitMemory();
			}
		}
	}

	private void served(Endpoint made, @Nullable Throwable thrown) {
		this.exited = true;
		// Taken before the Throwable is read, which runs user code.
		long exited = this.supervisor.nanos();
		obey(askAfterServing(thrown, exited), made);
	}

	/**
	 * Often it is this very crash that frees memory: the thread that reports it must not
	 * end before there is some.
	 */
	private Verdict askAfterServing(@Nullable Throwable thrown, long exited) {
		Failure failure = null;
		while (true) {
			try {
				if (thrown == null) {
					return ask(new Returned(this.number, roll()));
				}
				if (failure == null) {
					failure = failure(thrown);
				}
				return ask(new Threw(this.number, failure, exited, roll()));
			}
			catch (OutOfMemoryError notAsked) {
				Shortage.awaitMemory();
			}
		}
	}

	private void obey(Verdict verdict, Endpoint made) {
		CloseTask meanwhile = this.closeTask;
		if (verdict == Verdict.CLOSE) {
			shedInterrupt(meanwhile);
			close(made);
		}
		else if (meanwhile != null) {
			meanwhile.closeIfNobodyDoes();
		}
	}

	/**
	 * Reports a step and waits for the verdict. The wait is short: it ends when the
	 * thread that works on this endpoint's signals, which is often this one, has come to
	 * this signal. An interrupt that arrives meanwhile is kept for the user's code.
	 * @throws OutOfMemoryError if the signal was not submitted
	 */
	private Verdict ask(Signal signal) {
		this.verdict = null;
		this.supervisor.submit(signal);
		boolean interrupted = false;
		Verdict given;
		while ((given = this.verdict) == null) {
			this.supervisor.services().threads().park(this);
			interrupted |= Thread.interrupted();
		}
		if (interrupted) {
			Shortage.interruptAgain();
		}
		return given;
	}

	@Override
	public boolean mayGoOn() {
		return this.verdict != null;
	}

	/**
	 * Deliberately clears the interrupt flag: it was meant for the factory or the serving
	 * code, and close must have its chance to be graceful. An interrupt that the draining
	 * thread has ordered, and a helper thread has not delivered yet, would hit the close:
	 * waits for it.
	 */
	private static void shedInterrupt(@Nullable CloseTask meanwhile) {
		if (meanwhile != null) {
			meanwhile.awaitInterrupt();
		}
		Thread.interrupted();
	}

	/**
	 * Also called by the close thread, see {@link CloseTask}.
	 */
	void close(Endpoint made) {
		try {
			made.close();
		}
		catch (Throwable thrown) {
			this.supervisor.noteOf(this.number, "close of", "threw", thrown);
		}
		if (served() == null) {
			// An inner broker is kept: its abandoned incarnations are still counted.
			this.instance = null;
		}
		closed();
	}

	private void closed() {
		while (true) {
			try {
				this.supervisor.submit(Signal.closed(this.number));
				return;
			}
			catch (OutOfMemoryError notReported) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * A number between 0 and 1, mixed from the clock and the thread. Not drawn from
	 * {@code ThreadLocalRandom}, which would be seeded anew on the fresh thread of each
	 * incarnation. Not from the thread's id, which a Thread subclass can override.
	 */
	static double roll() {
		long mixed = System.nanoTime() + System.identityHashCode(Thread.currentThread()) * 0x9E3779B97F4A7C15L;
		mixed = (mixed ^ (mixed >>> 33)) * 0xFF51AFD7ED558CCDL;
		mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
		return ((mixed ^ (mixed >>> 33)) >>> 11) * 0x1.0p-53;
	}

	// On the draining thread

	void tell(Verdict verdict) {
		Thread waiting = this.body;
		this.verdict = verdict;
		if (waiting != Thread.currentThread()) {
			LockSupport.unpark(waiting);
		}
	}

	void closingBegins() {
		this.closing = true;
	}

	CloseTask closeTask() {
		CloseTask first = this.closeTask;
		if (first == null) {
			first = new CloseTask(this);
			this.closeTask = first;
		}
		return first;
	}

	/**
	 * From now on the successor receives its signals. The predecessor passes on those
	 * that still reach it.
	 */
	void movesTo(EndpointSupervisor successor) {
		this.supervisor = successor;
	}

	// For readers on any thread

	@Nullable Thread body() {
		return this.body;
	}

	@Nullable Thread closer() {
		CloseTask made = this.closeTask;
		return (made != null) ? made.closer() : null;
	}

	/**
	 * The thread that hangs, if one does: the one that makes and serves the instance, or,
	 * once {@code listenAndServe} has ended, the close thread if there is one.
	 */
	@Nullable Thread hanging() {
		Thread serving = body();
		Thread closing = closer();
		return (serving == null || (closing != null && this.exited)) ? closing : serving;
	}

	@Nullable Endpoint instance() {
		return this.instance;
	}

	/**
	 * The inner broker that it serves or has served, if its instance is one.
	 */
	@Nullable InnerBroker served() {
		return (this.instance instanceof InnerBroker inner) ? inner : null;
	}

	/**
	 * The current state of that inner broker.
	 */
	Inner inner() {
		InnerBroker served = served();
		return (served != null) ? served.asInner() : Inner.NONE;
	}

	/** Called when something has changed in the inner broker. */
	void innerChanged() {
		while (true) {
			try {
				this.supervisor.submit(new InnerChanged(this.number, Inner.NONE));
				return;
			}
			catch (OutOfMemoryError notReported) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Whether reading the state of one of its threads can run user code.
	 */
	boolean runsOnForeignThread() {
		Thread serving = body();
		Thread closing = closer();
		return (serving != null && Threads.isForeign(serving)) || (closing != null && Threads.isForeign(closing));
	}

	/**
	 * Tells its supervisor which of its threads, if any, wait for the broker to end. Can
	 * run user code of a Thread subclass.
	 * @param awaits tests whether a thread waits for that
	 */
	void tellIfItAwaitsEnd(Predicate<Thread> awaits) {
		Thread serving = body();
		Thread closing = closer();
		boolean bodyAwaits = serving != null && awaits.test(serving);
		boolean closeAwaits = closing != null && awaits.test(closing);
		if (bodyAwaits || closeAwaits) {
			this.supervisor.services()
				.keepAlive()
				.lastUntilEnded(Objects.requireNonNull(bodyAwaits ? serving : closing));
			this.supervisor.submit(new Signal.AwaitsEnd(this.number, bodyAwaits, closeAwaits));
		}
	}

	/**
	 * Tells its supervisor that its threads no longer wait for the broker to end, except
	 * those that are declared in {@code awaiters}. The next check finds again a thread
	 * that waits for a declared one.
	 */
	void tellThatItAwaitsEndNoMore(EndAwaiters awaiters) {
		Thread serving = body();
		Thread closing = closer();
		boolean bodyAwaits = serving != null && awaiters.includes(serving);
		boolean closeAwaits = closing != null && awaiters.includes(closing);
		KeepAlive keepAlive = this.supervisor.services().keepAlive();
		if (serving != null && !bodyAwaits) {
			keepAlive.lastNoMore(serving);
		}
		if (closing != null && !closeAwaits) {
			keepAlive.lastNoMore(closing);
		}
		this.supervisor.submit(new Signal.AwaitsEndNoMore(this.number, !bodyAwaits, !closeAwaits));
	}

	boolean runsOn(Thread thread) {
		InnerBroker served = served();
		return thread == body() || thread == closer() || (served != null && served.isOwn(thread));
	}

	/**
	 * The machine's answer to the incarnation's waiting thread.
	 */
	enum Verdict {

		/** Call {@code listenAndServe}. */
		SERVE,

		/** Call {@code close}. */
		CLOSE,

		/** Do nothing: another thread closes or has closed the instance. */
		DONE

	}

}
