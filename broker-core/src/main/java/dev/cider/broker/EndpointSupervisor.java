package dev.cider.broker;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.stream.Stream;

import dev.cider.broker.Incarnation.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Supervises one endpoint: brings its signals into an order, shows each to the
 * {@link EndpointMachine}, and carries out the actions with which the machine answers.
 * Decides nothing, runs no user code and never waits.
 * <p>
 * It is a {@link SerialQueue} rather than has one, which saves an object per endpoint.
 * Fields that only the draining thread touches need no guard; fields that other threads
 * read are volatile.
 */
final class EndpointSupervisor extends SerialQueue<Signal, Threads.Task> {

	private static final Signal BEGIN = new Signal.Begin();

	private static final AtomicIntegerFieldUpdater<EndpointSupervisor> REQUESTS = AtomicIntegerFieldUpdater
		.newUpdater(EndpointSupervisor.class, "requests");

	/** The bit in {@link #requests} that says that a stop is, or was, among them. */
	private static final int WITH_STOP = 1 << 31;

	private final EndpointFactory factory;

	private final BrokerServices services;

	/** Written by the draining thread. All that is shown is made of it. */
	private volatile EndpointMachine machine;

	/** Made at the first crash, by the draining thread. */
	private volatile @Nullable CrashHistory history;

	/** The one that lives, if one does; replaced by the draining thread. */
	private volatile @Nullable Incarnation living;

	/**
	 * Those that were given up on and have not ended; replaced by the draining thread.
	 */
	private volatile AbandonedIncarnations abandoned = AbandonedIncarnations.NONE;

	/** Touched by the draining thread only. */
	private Time.@Nullable Timer timer;

	/**
	 * How many requests of operators are not carried out yet, and {@link #WITH_STOP}
	 * until all are.
	 */
	private volatile int requests;

	/** The same endpoint in the next broker; set before the signal that needs it. */
	private volatile @Nullable EndpointSupervisor successor;

	EndpointSupervisor(String id, EndpointFactory factory, EndpointOptions options, BrokerServices services) {
		this(factory, services, EndpointMachine.registered(id, options, isContextual(factory), services.time().now()));
	}

	private EndpointSupervisor(EndpointFactory factory, BrokerServices services, EndpointMachine machine) {
		this.factory = factory;
		this.services = services;
		this.machine = machine;
	}

	/**
	 * The supervisor of the same endpoint in the next broker: it goes on counting.
	 */
	EndpointSupervisor successor(EndpointFactory factory, EndpointOptions options, BrokerServices services) {
		EndpointSupervisor successor = new EndpointSupervisor(factory, services,
				EndpointMachine.continuing(this.machine, options, isContextual(factory), services.time().now()));
		List<CrashSummary> newestFirst = history();
		for (int i = newestFirst.size() - 1; i >= 0; i--) {
			successor.remember(newestFirst.get(i));
		}
		return successor;
	}

	private static boolean isContextual(EndpointFactory factory) {
		return factory instanceof ContextualEndpointFactory;
	}

	// For readers

	String id() {
		return this.machine.id;
	}

	EndpointSnapshot snapshot() {
		return this.machine.shown();
	}

	List<CrashSummary> history() {
		CrashHistory first = this.history;
		return (first != null) ? first.newestFirst() : List.of();
	}

	/**
	 * All incarnations that have not ended. This thread reads {@link #living} before
	 * {@link #abandoned}; the draining thread, in {@link #sortOut()}, writes them in the
	 * other order. So this thread may see an incarnation in both, and sees it in one.
	 */
	List<Incarnation> alive() {
		Incarnation latest = this.living;
		AbandonedIncarnations given = this.abandoned;
		return ((latest != null) ? given.add(latest) : given).asList();
	}

	/**
	 * All that has not ended, here and in brokers that are served here.
	 * @param path where this endpoint is: empty, or the ids of the endpoints that lead to
	 * its broker, with a slash after each
	 */
	Stream<Survivor> survivors(String path) {
		return alive().stream().flatMap((incarnation) -> {
			InnerBroker served = incarnation.served();
			Stream<Survivor> inner = (served != null) ? served.survivors(path + id() + "/") : Stream.of();
			return this.machine.isAlive(incarnation.incarnation())
					? Stream.concat(Stream.of(new Survivor(path + id(), incarnation)), inner) : inner;
		});
	}

	// Signals

	/**
	 * The broker serves: this endpoint takes over what its predecessor had to abandon,
	 * and starts if it is to. It retains no reference for that: a registered endpoint has
	 * one already.
	 * @param predecessor the same endpoint in the broker before, if this one continues
	 * one
	 */
	void begin(@Nullable EndpointSupervisor predecessor) {
		if (predecessor != null) {
			predecessor.successor = this;
			predecessor.submit(new Signal.HandOver());
		}
		submit(BEGIN);
	}

	/**
	 * A stop that waits is carried out before this start, so the state until then is no
	 * reason to refuse the start. The draining thread shows the machine and then counts
	 * the stop as carried out; this caller reads the count and then the machine. So it
	 * sees the stop that waits, or the state after the stop. While other operators have
	 * requests of their own here, a start may be accepted that turns out to be
	 * superfluous; the machine ignores it.
	 */
	void start() {
		boolean stopWaits = (this.requests & WITH_STOP) != 0;
		EndpointMachine seen = this.machine;
		if (!stopWaits && !seen.mayStart()) {
			throw new InvalidStateException("start of endpoint '" + id() + "'",
					"REGISTERED, STOPPED, FINISHED, DROPPED or CLOSING toward STOPPED", seen.state.name());
		}
		request(new Signal.Start());
	}

	/**
	 * Queues an operator's request. Until it is carried out, or joined to one that waits,
	 * it is a reason for the broker to go on.
	 */
	void request(Signal.Request request) {
		if (!this.services.servingReferences().retain()) {
			throw new EndpointTerminatedException("The broker of endpoint '" + id() + "'");
		}
		this.services.keepUp();
		countRequest(request instanceof Signal.Stop);
		boolean waitsAlone;
		try {
			waitsAlone = submit(request);
		}
		catch (Throwable notQueued) {
			forget();
			throw notQueued;
		}
		if (!waitsAlone) {
			// The one that stands for both is counted, too.
			forget();
		}
	}

	/** Needs no memory: without it all is left as it was, or the broker never ends. */
	private void countRequest(boolean stop) {
		int count;
		do {
			count = this.requests;
		}
		while (!REQUESTS.compareAndSet(this, count, (count + 1) | (stop ? WITH_STOP : 0)));
	}

	private void uncountRequest() {
		int count;
		do {
			count = this.requests;
		}
		while (!REQUESTS.compareAndSet(this, count, ((count & ~WITH_STOP) == 1) ? 0 : count - 1));
	}

	/** A request is carried out, or never will be: no reason to go on any more. */
	private void forget() {
		uncountRequest();
		this.services.servingReferences().release();
		this.services.keepAlive().leave();
	}

	/** Of what says the same twice, whoever says it, once is enough. */
	@Override
	@Nullable Signal join(Signal earlier, Signal later) {
		return isRepetition(earlier, later) ? earlier : Requests.join(earlier, later);
	}

	/**
	 * What has changed in an inner broker is looked up when the signal is taken: the
	 * earlier one will find what the later one is about.
	 */
	private static boolean isRepetition(Signal earlier, Signal later) {
		return (later instanceof Signal.Terminate || later instanceof Signal.AnnounceTermination
				|| later instanceof Signal.InnerChanged) && later.equals(earlier);
	}

	@Override
	SignalThread signals() {
		return this.services.signals();
	}

	@Override
	Threads.@Nullable Task process(Signal signal) {
		Threads.Task followUp = null;
		try {
			EndpointSupervisor next = this.successor;
			if (next != null && this.machine.handedOver && isOfTheAbandoned(signal)) {
				next.submit(signal);
			}
			else {
				followUp = (signal instanceof Signal.StopThen) ? takeInOrder(signal) : take(signal);
			}
		}
		catch (Throwable defect) {
			note("could not carry out " + signal.getClass().getSimpleName() + "; please report this defect", defect);
		}
		finally {
			if (signal instanceof Signal.Request) {
				forget();
			}
		}
		return followUp;
	}

	/** What a predecessor hands over may come after this broker has handed over, too. */
	private static boolean isOfTheAbandoned(Signal signal) {
		return signal instanceof Signal.OfIncarnation || signal instanceof HandedOver;
	}

	/** A stop that comes first leaves no thread to be started that matters any more. */
	private Threads.@Nullable Task takeInOrder(Signal signal) {
		Threads.Task followUp = null;
		for (Signal next : Requests.inOrder(signal)) {
			Threads.Task more = take(next);
			if (followUp != null && more != null) {
				run(followUp);
			}
			followUp = (more != null) ? more : followUp;
		}
		return followUp;
	}

	/** Returns the thread to be started, if there is one. */
	private Threads.@Nullable Task take(Signal signal) {
		EndpointMachine before = this.machine;
		Step step = before.on(asOfNow(signal), this.services.time().now());
		if (signal instanceof HandedOver handedOver) {
			this.abandoned = this.abandoned.addAll(handedOver.incarnations());
			handedOver.incarnations().forEach((incarnation) -> incarnation.movesTo(this));
		}
		show(step);
		if (before.isTooLate(signal)) {
			this.services.monitors().tellTooLate(id(), (signal instanceof Signal.Start) ? "start" : "restart");
		}
		if (signal instanceof Signal.AwaitsEnd awaits && step.machine().progress != before.progress) {
			this.services.monitors()
				.note(id() + ": incarnation " + awaits.incarnation()
						+ " waits for the broker to end, perhaps because it"
						+ " closes the application itself; the broker does not wait for it", null);
		}
		Threads.Task followUp = null;
		for (int i = 0; i < step.count(); i++) {
			followUp = carryOutGuarded(step.action(i), before, followUp);
		}
		sortOut();
		count(before, step.machine());
		int given = step.machine().abandonedCount() - before.abandonedCount();
		if (given != 0) {
			// Before the next one: who hears of the end has heard of what outlives it.
			this.services.abandonedChanged().accept(given);
		}
		if (step.machine().isOver() && !before.isOver()) {
			// Last, for whoever hears that all are over looks at what is still alive.
			this.services.endpointIsOver().run();
		}
		return followUp;
	}

	/**
	 * What changes in an inner broker is told by several threads: the news that comes
	 * first may be the latest. So whoever takes it looks himself.
	 */
	private Signal asOfNow(Signal signal) {
		if (signal instanceof Signal.InnerChanged changed) {
			Incarnation served = find(changed.incarnation());
			return (served != null) ? new Signal.InnerChanged(changed.incarnation(), served.inner()) : signal;
		}
		return signal;
	}

	private @Nullable Incarnation find(long incarnation) {
		for (Incarnation each : alive()) {
			if (each.incarnation() == incarnation) {
				return each;
			}
		}
		return null;
	}

	/** Snapshot and history change before anybody is told or anything is done. */
	private void show(Step step) {
		EndpointMachine next = step.machine();
		CrashSummary crash = next.past.lastCrash();
		if (crash != null && crash != this.machine.past.lastCrash()) {
			remember(crash);
		}
		this.machine = next;
		Incarnation latest = this.living;
		// Who waits for the broker to end is abandoned while it is made, never CLOSING.
		if (latest != null && (next.state == EndpointState.CLOSING || !next.isCurrent(latest.incarnation()))) {
			latest.closingBegins();
		}
	}

	private void remember(CrashSummary crash) {
		CrashHistory made = this.history;
		if (made == null) {
			made = new CrashHistory(this.services.historySize());
			this.history = made;
		}
		made.add(crash);
	}

	/**
	 * An incarnation given up on moves to the abandoned; one that has ended is forgotten.
	 */
	private void sortOut() {
		Incarnation latest = this.living;
		if (latest != null && !this.machine.isCurrent(latest.incarnation())) {
			if (this.machine.knows(latest.incarnation())) {
				this.abandoned = this.abandoned.add(latest);
			}
			this.living = null;
		}
		if (!this.abandoned.isEmpty()) {
			this.abandoned = this.abandoned.retain(this.machine::knows);
		}
	}

	/**
	 * Cannot fail to enter what it has left: the request that revived the endpoint is
	 * still counted. The broker first, then the JVM: a broker that ends with its last
	 * endpoint finds the JVM still held, and holds it.
	 */
	private void count(EndpointMachine before, EndpointMachine after) {
		if (before.hasEnded() && !after.hasEnded()) {
			this.services.servingReferences().retain();
		}
		else if (!before.hasEnded() && after.hasEnded()) {
			this.services.servingReferences().release();
		}
		boolean wasFinished = before.state == EndpointState.FINISHED;
		boolean isFinished = after.state == EndpointState.FINISHED;
		if (wasFinished && !isFinished) {
			this.services.keepUp();
		}
		else if (!wasFinished && isFinished) {
			this.services.keepAlive().leave();
		}
	}

	// Actions

	/** An action that fails, for want of a thread perhaps, must not cost the others. */
	private Threads.@Nullable Task carryOutGuarded(Action action, EndpointMachine before,
			Threads.@Nullable Task followUp) {
		try {
			if (action instanceof Action.Launch launch) {
				return launch(new Incarnation(this, launch.incarnation()));
			}
			if (action instanceof Action.CloseAside aside) {
				CloseTask task = incarnation(aside).closeTask();
				task.willClose();
				return task;
			}
			carryOut(action, before);
		}
		catch (Throwable failed) {
			note("could not carry out " + action.getClass().getSimpleName(), failed);
		}
		return followUp;
	}

	private void carryOut(Action action, EndpointMachine before) {
		if (action instanceof Action.Serve serve) {
			incarnation(serve).tell(Verdict.SERVE);
		}
		else if (action instanceof Action.Close close) {
			incarnation(close).tell(Verdict.CLOSE);
		}
		else if (action instanceof Action.Dismiss dismiss) {
			incarnation(dismiss).tell(Verdict.DONE);
		}
		else if (action instanceof Action.Arm arm) {
			disarm();
			long due = nanos() + SystemTime.saturatedNanos(arm.delay());
			this.timer = this.services.time().after(arm.delay(), () -> fired(arm.timer(), due));
		}
		else if (action instanceof Action.Disarm) {
			disarm();
		}
		else if (action instanceof Action.TellCrash crash) {
			this.services.monitors().tellCrash(crash.summary().dropped(), crash::report, crash.failure());
		}
		else if (action instanceof Action.AnnounceInside inside) {
			announceIn(incarnation(inside).served());
		}
		else if (action instanceof Action.Excuse excuse) {
			this.services.monitors().tellExcuse(id(), excuse.incarnation(), excuse.failure());
		}
		else if (action instanceof Action.TellChange) {
			tellChange(before, this.machine);
		}
		else if (action instanceof Action.Inspect inspect) {
			inspect(incarnation(inspect), inspect);
		}
		else if (action instanceof Action.Interrupt interrupt) {
			incarnation(interrupt).closeTask().interrupt();
		}
		else if (action instanceof Action.HandOver handOver) {
			handOver(handOver.abandoned());
		}
	}

	/** On a helper thread: there may be many endpoints in it. */
	private void announceIn(@Nullable InnerBroker served) {
		if (served != null) {
			this.services.threads().runOnHelperOrElse(served::announce, served::announce);
		}
	}

	private void tellChange(EndpointMachine from, EndpointMachine to) {
		boolean loss = to.abandonedCount() > from.abandonedCount();
		this.services.monitors().tellChange(loss, from, to);
	}

	private Incarnation incarnation(Action.OnIncarnation action) {
		Incarnation latest = this.living;
		if (latest != null && latest.incarnation() == action.incarnation()) {
			return latest;
		}
		Incarnation abandoned = this.abandoned.get(action.incarnation());
		return Objects.requireNonNull(abandoned, () -> "incarnation " + action.incarnation() + " is not alive");
	}

	/** The endpoint's one timer: the next one takes the place of the last. */
	private void disarm() {
		Time.Timer last = this.timer;
		this.timer = null;
		if (last != null) {
			last.cancel();
		}
	}

	/** On the timer's thread, which works on no signal. */
	private void fired(long timer, long due) {
		long late = Math.max(0, nanos() - due);
		long heartbeat = lastHeartbeat();
		leave(new Signal.TimerFired(timer, late, heartbeat != 0, heartbeat));
	}

	private long lastHeartbeat() {
		Incarnation latest = this.living;
		return (latest != null) ? latest.lastHeartbeat() : 0;
	}

	private Incarnation launch(Incarnation incarnation) {
		sortOut();
		this.living = incarnation;
		return incarnation;
	}

	@Override
	void run(Threads.Task followUp) {
		try {
			this.services.threads().start(followUp);
		}
		catch (Throwable noThread) {
			followUp.starved(noThread);
		}
	}

	/**
	 * Finds out where the incarnation hangs. Reading its stack can run user code, that of
	 * a Thread subclass, which may hang itself: then the report comes without a stack.
	 */
	private void inspect(Incarnation incarnation, Action.Inspect inspect) {
		LiveStack.of(incarnation, this.services).thenAccept((stack) -> {
			Failure failure = Failure.timeout(
					"Incarnation " + inspect.incarnation() + " of endpoint '" + id() + "': " + inspect.what(), stack);
			long heartbeat = incarnation.lastHeartbeat();
			leave(new Signal.TimedOut(inspect.timer(), failure, inspect.noticed(), heartbeat != 0, heartbeat,
					Incarnation.roll()));
		});
	}

	private void handOver(List<Abandoned> abandoned) {
		EndpointSupervisor next = Objects.requireNonNull(this.successor, "no successor to hand over to");
		next.submit(new HandedOver(abandoned, this.abandoned.asList()));
	}

	// For the incarnations, on their threads

	long nanos() {
		return this.services.time().nanos();
	}

	BrokerServices services() {
		return this.services;
	}

	EndpointFactory factory() {
		return this.factory;
	}

	/**
	 * Refuses what a factory must not return.
	 */
	Endpoint accept(@Nullable Endpoint made) {
		if (made == null) {
			throw new IllegalStateException("The factory of endpoint '" + id() + "' returned null: it must return"
					+ " a new instance or throw");
		}
		if (!isNew(made)) {
			throw new IllegalStateException(
					"The factory of endpoint '" + id() + "' returned an instance of " + made.getClass().getName()
							+ " that this broker has seen before: it must return a new one each" + " time");
		}
		return made;
	}

	/** G3 before G1: without memory it is not remembered, but served and closed. */
	private boolean isNew(Endpoint made) {
		try {
			return this.services.seen().add(made);
		}
		catch (OutOfMemoryError forgotten) {
			return true;
		}
	}

	Failure failure(Throwable thrown) {
		return Failure.of(thrown, this.machine.options.restartPolicy().fatal(),
				(broken) -> note("the policy's fatal predicate threw, which counts as no", broken));
	}

	/**
	 * A failure to get a thread: the policy's predicate is not asked.
	 */
	Failure threadFailure(Throwable thrown) {
		return Failure.of(thrown, (any) -> false, (impossible) -> {
		});
	}

	/** For want of memory it may be lost: it must not cost what comes after it. */
	void note(String what, Throwable thrown) {
		try {
			this.services.monitors().note(id() + ": " + what, thrown);
		}
		catch (Throwable lost) {
			// Nobody to say that to.
		}
	}

	/**
	 * What the endpoint's successor takes over.
	 *
	 * @param abandoned how far each has come, for the machine
	 * @param incarnations themselves
	 */
	private record HandedOver(List<Abandoned> abandoned, List<Incarnation> incarnations) implements Signal.TakeOver {
	}

}
