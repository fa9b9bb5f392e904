package dev.cider.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.InnerChanged;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Threw;
import org.jspecify.annotations.Nullable;

/**
 * One instance and its run: the only place where the methods of an endpoint are called.
 * It decides nothing. Its thread reports each step and waits for the machine's verdict,
 * which comes soon, for whoever gives it runs no user code.
 */
final class Incarnation implements Threads.Task, Threads.Waiter {

	private static final VarHandle BEGUN;

	static {
		try {
			BEGUN = MethodHandles.lookup().findVarHandle(Incarnation.class, "begun", boolean.class);
		}
		catch (ReflectiveOperationException renamed) {
			throw new ExceptionInInitializerError(renamed);
		}
	}

	private final long number;

	/**
	 * Who hears of it. Another one from when it takes over what the broker before had to
	 * abandon: what lives long must not keep all brokers that it outlives.
	 */
	private volatile EndpointSupervisor supervisor;

	/** Taken by the thread that runs the body, or by the one that could get no thread. */
	@SuppressWarnings("unused") // only ever touched through its handle
	private volatile boolean begun;

	private volatile boolean closing;

	/** Whether it has served: what its thread does then is no fault of its own. */
	private volatile boolean exited;

	private volatile @Nullable Thread body;

	/** From the moment it is made until it is closed, by whichever thread. */
	private volatile @Nullable Endpoint instance;

	/** Written by whoever carries the machine's actions out, awaited by the body. */
	private volatile @Nullable Verdict verdict;

	/** Made at work, when there is a first one. */
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
	 * When it last said that it is alive; 0 if it never did.
	 */
	long lastHeartbeat() {
		IncarnationContext said = this.context;
		return (said != null) ? said.lastHeartbeat() : 0;
	}

	@Override
	public String threadName() {
		return "broker-" + id() + "-" + this.number;
	}

	// On the incarnation's own thread

	/**
	 * The whole life. A ThreadFactory that runs its task twice gets one life all the
	 * same. {@code listenAndServe} is called here and no deeper: every frame below it
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

	/**
	 * There is no thread for this incarnation, unless the factory started one secretly.
	 */
	@Override
	public void refused(Throwable noThread) {
		if (BEGUN.compareAndSet(this, false, true)) {
			long exited = this.supervisor.nanos();
			createFailed(this.supervisor.threadFailure(noThread), exited);
		}
	}

	/**
	 * Not at once, whatever the policy says: whoever starts threads would spin.
	 */
	@Override
	public void starved(Throwable noThread) {
		// Read here, where it was caught: the timer only leaves the signal.
		Failure failure = this.supervisor.threadFailure(noThread);
		this.supervisor.services().time().after(Time.SHORTAGE_PAUSE, () -> {
			if (BEGUN.compareAndSet(this, false, true)) {
				this.closing = true;
				this.supervisor.leave(new CreateFailed(this.number, failure, this.supervisor.nanos(), roll()));
			}
		});
	}

	/** The instance, if it is to be served. If not, all is done. */
	private @Nullable Endpoint makeToServe() {
		Endpoint made = create();
		if (made == null) {
			return null;
		}
		this.instance = made;
		if (made instanceof InnerBroker inner) {
			// It is served without a wrapper around it, so it can tell what changes in
			// it.
			inner.servedBy(this::innerChanged);
		}
		Verdict verdict = ask(Signal.created(this.number));
		if (verdict == Verdict.SERVE) {
			return made;
		}
		obey(verdict, made);
		return null;
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
			// Before the throwable is read: that runs user code.
			long exited = this.supervisor.nanos();
			createFailed(this.supervisor.failure(thrown), exited);
			return null;
		}
		createFailed(this.supervisor.threadFailure(new IllegalStateException("closed before it was made")),
				this.supervisor.nanos());
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

	private void createFailed(Failure failure, long exited) {
		this.closing = true;
		this.supervisor.submit(new CreateFailed(this.number, failure, exited, roll()));
	}

	private void served(Endpoint made, @Nullable Throwable thrown) {
		this.exited = true;
		// Before the throwable is read: that runs user code.
		long exited = this.supervisor.nanos();
		obey(ask((thrown == null) ? new Returned(this.number, roll())
				: new Threw(this.number, this.supervisor.failure(thrown), exited, roll())), made);
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
			interruptAgain();
		}
		return given;
	}

	@Override
	public boolean mayGoOn() {
		return this.verdict != null;
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
	 * code, and close must have its chance to be graceful. One that has been ordered (by
	 * a stop, on another thread) but not delivered would hit the close.
	 */
	private static void shedInterrupt(@Nullable CloseTask meanwhile) {
		if (meanwhile != null) {
			meanwhile.awaitInterrupt();
		}
		Thread.interrupted();
	}

	/**
	 * Also called by the thread that closes it from outside.
	 */
	void close(Endpoint made) {
		try {
			made.close();
		}
		catch (Throwable thrown) {
			this.supervisor.note("close of incarnation " + this.number + " threw", thrown);
		}
		if (served() == null) {
			// Else it is asked for what it has left behind.
			this.instance = null;
		}
		this.supervisor.submit(Signal.closed(this.number));
	}

	static double roll() {
		return ThreadLocalRandom.current().nextDouble();
	}

	// On the thread that carries the machine's actions out

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
	 * From now on another supervisor hears of it. What is on its way to the one before,
	 * that one passes on.
	 */
	void movesTo(EndpointSupervisor successor) {
		this.supervisor = successor;
	}

	// For whoever asks

	@Nullable Thread body() {
		return this.body;
	}

	@Nullable Thread closer() {
		CloseTask made = this.closeTask;
		return (made != null) ? made.closer() : null;
	}

	/**
	 * The thread that hangs, if it hangs: the one that makes and serves the instance, or,
	 * when that is over, the one that closes it.
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
	 * The broker that it serves or has served, if its instance is one as an endpoint.
	 */
	@Nullable InnerBroker served() {
		return (this.instance instanceof InnerBroker inner) ? inner : null;
	}

	/**
	 * What can be said of that broker now.
	 */
	Inner inner() {
		InnerBroker served = served();
		return (served != null) ? served.asInner() : Inner.NONE;
	}

	/** Something has changed in the broker that it serves. */
	void innerChanged() {
		this.supervisor.submit(new InnerChanged(this.number, Inner.NONE));
	}

	/**
	 * Whether to look at one of its threads can run user code.
	 */
	boolean runsOnForeignThread() {
		Thread serving = body();
		Thread closing = closer();
		return (serving != null && Threads.isForeign(serving)) || (closing != null && Threads.isForeign(closing));
	}

	/**
	 * Tells its endpoint which of its threads, if any, wait for the broker to end. Can
	 * run user code, that of a Thread subclass.
	 * @param awaits whether a thread does
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
	 * Tells its endpoint that its threads do not wait for the broker to end, those
	 * excepted that have said so themselves. One that waits for such a thread is found
	 * again by the next look.
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
