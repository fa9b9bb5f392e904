package dev.cider.broker;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.cider.broker.Incarnation.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Supervises one endpoint: takes its signals one after another, passes each to the
 * {@link EndpointMachine}, and carries out the actions that the machine returns. Decides
 * nothing, runs no user code, and never waits, except for memory.
 * <p>
 * It extends {@link SerialQueue} instead of holding one, which saves an object per
 * endpoint. Only the thread that drains the queue, the draining thread, uses the plain
 * fields; fields that other threads read are volatile.
 */
final class EndpointSupervisor extends SerialQueue<Signal, Threads.Task> {

	private static final Signal BEGIN = new Signal.Begin();

	private static final Signal TERMINATE = new Signal.Terminate();

	private static final String OVERDUE_REMEDY = "neither its close nor an interrupt has ended it: write a close that"
			+ " ends this call, as in Endpoint.of(serve, close), or, if the call is on a java.net socket, let the"
			+ " endpoint run on a virtual thread (Java 21)";

	static {
		EarlyInitialization.run();
	}

	private static final AtomicIntegerFieldUpdater<EndpointSupervisor> REQUESTS = AtomicIntegerFieldUpdater
		.newUpdater(EndpointSupervisor.class, "requests");

	private static final AtomicReferenceFieldUpdater<EndpointSupervisor, @Nullable Membership> MEMBERSHIP = AtomicReferenceFieldUpdater
		.newUpdater(EndpointSupervisor.class, Membership.class, "membership");

	/** A bit of {@link #requests}: set from a stop on until no request is left. */
	private static final int WITH_STOP = 1 << 31;

	/**
	 * A bit of {@link #requests}: set for good when the endpoint serves or finishes for
	 * the first time in this broker. A field of its own would cost each endpoint 8 bytes.
	 */
	private static final int HAS_SERVED = 1 << 30;

	/** The bits of {@link #requests} that count. */
	private static final int COUNT = HAS_SERVED - 1;

	private final EndpointFactory factory;

	private final BrokerServices services;

	/** Written by the draining thread. Snapshots are made from it. */
	private volatile EndpointMachine machine;

	/** Made at the first crash, by the draining thread. */
	private volatile @Nullable CrashHistory history;

	/** The current incarnation, if there is one; written by the draining thread. */
	private volatile @Nullable Incarnation living;

	/**
	 * Abandoned and still known to the machine; written by the draining thread.
	 */
	private volatile AbandonedIncarnations abandoned = AbandonedIncarnations.NONE;

	/** Used by the draining thread only. */
	private Time.@Nullable Timer timer;

	/**
	 * How many requests of operators are not carried out yet, {@link #WITH_STOP} and
	 * {@link #HAS_SERVED}.
	 */
	private volatile int requests;

	/** The same endpoint in the next broker; set before the signal that needs it. */
	private volatile @Nullable EndpointSupervisor successor;

	/** Only if the endpoint was added, or is removed, while the broker serves. */
	private volatile @Nullable Membership membership;

	EndpointSupervisor(String id, EndpointFactory factory, EndpointOptions options, BrokerServices services) {
		this(factory, services, EndpointMachine.registered(id, options, isContextual(factory),
				services.desk().gates(id, options), services.time().now()));
	}

	private EndpointSupervisor(EndpointFactory factory, BrokerServices services, EndpointMachine machine) {
		this.factory = factory;
		this.services = services;
		this.machine = machine;
	}

	/**
	 * The supervisor of the same endpoint in the next broker, which continues the totals.
	 * If this endpoint was removed and an abandoned incarnation outlives it, the next one
	 * continues only the incarnation numbers.
	 */
	EndpointSupervisor successor(EndpointFactory factory, EndpointOptions options, BrokerServices services) {
		boolean gated = services.desk().gates(id(), options);
		if (isRemoved()) {
			return new EndpointSupervisor(factory, services, EndpointMachine.outliving(this.machine, options,
					isContextual(factory), gated, services.time().now()));
		}
		EndpointSupervisor successor = new EndpointSupervisor(factory, services,
				EndpointMachine.continuing(this.machine, options, isContextual(factory), gated, services.time().now()));
		CrashHistory crashes = this.history;
		List<CrashEntry> newestFirst = (crashes != null) ? crashes.newestFirst() : List.of();
		for (int i = newestFirst.size() - 1; i >= 0; i--) {
			successor.remember(newestFirst.get(i));
		}
		return successor;
	}

	/**
	 * The supervisor of an endpoint that is added while the broker serves. It continues
	 * the incarnation numbers of its predecessor, but not the totals.
	 * @param predecessor the removed endpoint of the same id whose abandoned incarnations
	 * still run
	 */
	static EndpointSupervisor added(String id, EndpointFactory factory, EndpointOptions options,
			BrokerServices services, EndpointRegistry registry, @Nullable EndpointSupervisor predecessor) {
		Moment now = services.time().now();
		boolean gated = services.desk().gates(id, options);
		EndpointMachine machine = (predecessor != null)
				? EndpointMachine.outliving(predecessor.machine, options, isContextual(factory), gated, now)
				: EndpointMachine.registered(id, options, isContextual(factory), gated, now);
		EndpointSupervisor added = new EndpointSupervisor(factory, services, machine);
		added.membership = new Membership(registry, predecessor != null);
		return added;
	}

	private static boolean isContextual(EndpointFactory factory) {
		return factory instanceof ContextualEndpointFactory;
	}

	// For readers

	String id() {
		return this.machine.id;
	}

	EndpointOptions options() {
		return this.machine.options;
	}

	EndpointSnapshot snapshot() {
		return this.machine.shown();
	}

	/** Whether it starts by itself when it begins. */
	boolean shouldRun() {
		return this.machine.shouldRun;
	}

	List<CrashSummary> history() {
		CrashHistory first = this.history;
		return (first != null) ? first.newestFirst().stream().map(CrashEntry::summary).toList() : List.of();
	}

	/**
	 * The current incarnation and the abandoned ones. The caller reads {@link #living}
	 * and then {@link #abandoned}; the draining thread, in {@link #sortOut()}, writes
	 * them in the other order. So the caller finds every incarnation in one of them, and
	 * perhaps in both.
	 */
	List<Incarnation> alive() {
		Incarnation latest = this.living;
		AbandonedIncarnations given = this.abandoned;
		return ((latest != null) ? given.add(latest) : given).asList();
	}

	/**
	 * All incarnations that have not ended, of this endpoint and of its inner brokers.
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

	// Additions and removals while the broker serves

	/**
	 * Enters the registry, and then tells the monitors. No other thread knows this
	 * endpoint yet, so its queue is idle and this thread drains it: whatever other
	 * threads submit as soon as they find the endpoint comes after this signal. So
	 * monitors are told of the addition first.
	 * @return {@code false} if there is another predecessor by now
	 * @throws IllegalArgumentException if the id is taken
	 */
	boolean arrive(EndpointRegistry registry, @Nullable EndpointSupervisor predecessor) {
		Arrival arrival = new Arrival(registry, predecessor);
		submit(arrival);
		return arrival.hasSucceeded();
	}

	private void joinDesk() {
		if (this.machine.isGated()) {
			this.services.desk().join(this);
		}
	}

	/** Any thread may call it; the draining thread tells. */
	void tellDeskWhereItIs() {
		report(Introduction.INSTANCE);
	}

	/**
	 * Begins after the arrival. Without memory the caller waits: an endpoint that has
	 * arrived must not wait for its predecessor for ever.
	 */
	void beginAdded(@Nullable EndpointSupervisor predecessor) {
		if (predecessor != null) {
			predecessor.successor = this;
			predecessor.report(new Signal.HandOver());
		}
		report(BEGIN);
	}

	/**
	 * Ends this endpoint as the broker's end does, and removes it then.
	 * @return completes when it is removed, on a thread of the broker that must not run
	 * user code
	 */
	CompletableFuture<Void> remove(EndpointRegistry registry) {
		Membership known = this.membership;
		if (known == null) {
			Membership made = new Membership(registry, false);
			known = MEMBERSHIP.compareAndSet(this, null, made) ? made : Objects.requireNonNull(this.membership);
		}
		CompletableFuture<Void> removal = known.remove();
		// The draining thread looks for a requested removal after each signal. It takes
		// this signal, or one that this is joined to, after it was requested.
		report(TERMINATE);
		return removal;
	}

	/** Whether the removal was requested. */
	boolean isLeaving() {
		Membership known = this.membership;
		return known != null && known.isRequestedToLeave();
	}

	/** Whether readers must not see this endpoint any more. */
	boolean isRemoved() {
		Membership known = this.membership;
		return known != null && known.isRemoved();
	}

	/**
	 * Whether what this endpoint depends on may be closed, as far as this endpoint is
	 * concerned. Any thread may call it. Once true, this stays true.
	 */
	boolean isOver() {
		return this.machine.isOver();
	}

	/** No incarnation runs any more or will be launched; abandoned ones do not count. */
	private static boolean isOver(EndpointMachine machine, boolean awaitsTakeOver) {
		return machine.isOver() && !awaitsTakeOver;
	}

	private boolean awaitsTakeOver() {
		Membership known = this.membership;
		return known != null && known.awaitsTakeOver();
	}

	/**
	 * Makes the endpoint disappear, tells the monitors, and only then frees the id: so
	 * monitors are not told of another endpoint of this id before.
	 */
	private void finishRemoval(Membership leaving, EndpointMachine last) {
		EndpointRegistry registry = leaving.registry();
		hide(leaving, last);
		if (last.isGated()) {
			this.services.desk().leave(last);
		}
		free(registry, last.id);
		this.history = null;
	}

	/**
	 * Without memory this thread tries again: each step can be repeated, and the last one
	 * either tells all monitors or, if there is no memory to begin, none.
	 */
	private void hide(Membership leaving, EndpointMachine last) {
		while (true) {
			try {
				if (last.abandonedCount() > 0) {
					leaving.registry().addOutlived(last.id, this);
				}
				EndpointSnapshot shown = last.shown();
				leaving.hide();
				this.services.monitors().tellRemoved(shown);
				return;
			}
			catch (OutOfMemoryError notTold) {
				Shortage.awaitMemory();
			}
		}
	}

	private void free(EndpointRegistry registry, String id) {
		while (true) {
			try {
				registry.remove(id, this);
				return;
			}
			catch (OutOfMemoryError notAll) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * As in {@link #count}: first the release, which may terminate the broker because no
	 * other endpoint is left.
	 */
	private void leave(EndpointMachine last) {
		if (!last.hasEnded()) {
			this.services.servingReferences().release();
		}
		if (last.state != EndpointState.FINISHED) {
			this.services.keepAlive().leave();
		}
	}

	// Signals

	/**
	 * Called when the broker begins to serve: this endpoint takes over the abandoned
	 * incarnations of its predecessor, and starts if it should run. It retains no serving
	 * reference: a registered endpoint has one already.
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
	 * A waiting stop is carried out before this start, so the state before that stop does
	 * not refuse the start. The draining thread writes the machine and then uncounts the
	 * stop; the caller reads the count and then the machine. So the caller sees the
	 * waiting stop, or the state after it. While other operators send requests too, a
	 * superfluous start may be accepted; the machine ignores it.
	 */
	void start() {
		boolean stopWaits = (this.requests & WITH_STOP) != 0;
		EndpointMachine seen = this.machine;
		if (!stopWaits && !seen.mayStart()) {
			throw new InvalidStateException("start of endpoint '" + id() + "'", startable(seen), seen.state.name());
		}
		request(new Signal.Start());
	}

	private static String startable(EndpointMachine seen) {
		if (seen.isOverdue()) {
			return "REGISTERED, STOPPED, FINISHED or DROPPED (a stop or a restart gives up what is overdue)";
		}
		String states = "REGISTERED, STOPPED, FINISHED, DROPPED or CLOSING toward STOPPED";
		return (seen.state != EndpointState.WAITING) ? states
				: states + " (it waits for " + seen.shown().waitingFor() + "; a start does not open that)";
	}

	/**
	 * Queues an operator's request. It holds a serving reference until it is carried out,
	 * or joined to a waiting request.
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
			// The waiting request now stands for both, and is counted already.
			forget();
		}
	}

	/** Allocates nothing: an OutOfMemoryError here would keep the broker up for ever. */
	private void countRequest(boolean stop) {
		int count;
		do {
			count = this.requests;
		}
		while (!REQUESTS.compareAndSet(this, count, (count + 1) | (stop ? WITH_STOP : 0)));
	}

	/** Called by the draining thread only; allocates nothing. */
	private void rememberThatItServed() {
		int count = this.requests;
		while ((count & HAS_SERVED) == 0 && !REQUESTS.compareAndSet(this, count, count | HAS_SERVED)) {
			count = this.requests;
		}
	}

	private void uncountRequest() {
		int count;
		do {
			count = this.requests;
		}
		while (!REQUESTS.compareAndSet(this, count, ((count & COUNT) == 1) ? count & HAS_SERVED : count - 1));
	}

	/** Releases what a request held: it is carried out, joined, or not queued. */
	private void forget() {
		uncountRequest();
		this.services.servingReferences().release();
		this.services.keepAlive().leave();
	}

	/**
	 * Submits a signal that must not be lost: without memory for it, the caller waits.
	 */
	void report(Signal signal) {
		while (true) {
			try {
				submit(signal);
				return;
			}
			catch (OutOfMemoryError notQueued) {
				Shortage.awaitMemory();
			}
		}
	}

	/** A signal that only repeats the waiting one is not queued. */
	@Override
	@Nullable Signal join(Signal earlier, Signal later) {
		return isRepetition(earlier, later) ? earlier : Requests.join(earlier, later);
	}

	/**
	 * The state of an inner broker is read when the signal is taken, so the earlier
	 * signal also covers the later change.
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
			if (signal instanceof Arrival arrival) {
				arrival.enter(this);
			}
			else if (signal instanceof Introduction) {
				if (!isRemoved()) {
					tellDeskOf(this.machine);
				}
			}
			else if (next != null && this.machine.handedOver && isOfTheAbandoned(signal)) {
				next.report(signal);
			}
			else {
				followUp = (signal instanceof Signal.StopThen) ? takeInOrder(signal) : take(signal);
			}
		}
		catch (Throwable defect) {
			noteDefect(signal, defect);
		}
		finally {
			if (signal instanceof Signal.Request) {
				forget();
			}
		}
		return followUp;
	}

	/** What concerns abandoned incarnations goes on to the successor. */
	private static boolean isOfTheAbandoned(Signal signal) {
		return signal instanceof Signal.OfIncarnation || signal instanceof HandedOver;
	}

	/** Only the last follow-up task waits for the end, as in {@link SerialQueue}. */
	private Threads.@Nullable Task takeInOrder(Signal signal) {
		Threads.Task followUp = null;
		for (Signal next : inOrder(signal)) {
			Threads.Task more = take(next);
			if (followUp != null && more != null) {
				run(followUp);
			}
			followUp = (more != null) ? more : followUp;
		}
		return followUp;
	}

	private static List<Signal> inOrder(Signal signal) {
		while (true) {
			try {
				return Requests.inOrder(signal);
			}
			catch (OutOfMemoryError nothingTaken) {
				Shortage.awaitMemory();
			}
		}
	}

	/** Returns the follow-up task, if there is one. */
	private Threads.@Nullable Task take(Signal signal) {
		EndpointMachine before = this.machine;
		boolean wasOver = isOver(before, awaitsTakeOver());
		Step step = step(before, signal);
		remark(before, signal, step.machine());
		Threads.Task followUp = null;
		for (int i = 0; i < step.count(); i++) {
			followUp = carryOutGuarded(step.action(i), before, followUp);
		}
		tellDesk(before, step.machine());
		sortOutWithMemory();
		count(before, step.machine());
		int given = step.machine().abandonedCount() - before.abandonedCount();
		if (given != 0) {
			// First: an outer broker must know what was abandoned before it is told of
			// the end.
			this.services.abandonedChanged().accept(given);
		}
		boolean isOver = isOver(step.machine(), awaitsTakeOver());
		Membership leaving = isOver ? leaving() : null;
		if (leaving != null) {
			finishRemoval(leaving, step.machine());
		}
		forgetIfNothingIsLeft(step.machine());
		if (isOver && !wasOver) {
			// Last: after the last endpoint this thread reads which incarnations are
			// still alive.
			this.services.endpointIsOver().accept(step.machine().id);
		}
		if (leaving != null) {
			leave(step.machine());
			complete(leaving.remove());
		}
		return followUp;
	}

	/** Not {@code null} from the request of a removal until the endpoint is removed. */
	private @Nullable Membership leaving() {
		Membership known = this.membership;
		return (known != null && known.isRequestedToLeave() && !known.isRemoved()) ? known : null;
	}

	private void forgetIfNothingIsLeft(EndpointMachine machine) {
		Membership known = this.membership;
		if (known != null && known.isRemoved() && machine.abandonedCount() == 0) {
			known.registry().removeOutlived(machine.id, this);
		}
	}

	private static void complete(CompletableFuture<Void> removal) {
		try {
			removal.complete(null);
		}
		catch (OutOfMemoryError inACallback) {
			// It is complete.
		}
	}

	/**
	 * Asks the machine and shows the result. If there is no memory, nothing has changed:
	 * this thread waits and asks again. A signal that is lost here would leave the
	 * endpoint in a state that no thread works on.
	 */
	private Step step(EndpointMachine before, Signal signal) {
		while (true) {
			try {
				Step step = before.on(asOfNow(signal), this.services.time().now());
				AbandonedIncarnations taken = (signal instanceof HandedOver handedOver) ? takeOver(handedOver)
						: this.abandoned;
				rememberCrash(before, step.machine());
				this.abandoned = taken;
				show(step.machine());
				Membership member = this.membership;
				if (signal instanceof HandedOver && member != null) {
					member.tookOver();
				}
				return step;
			}
			catch (OutOfMemoryError nothingChanged) {
				Shortage.awaitMemory();
			}
		}
	}

	/** After the actions: what the endpoint asks comes before where it is now. */
	private void tellDesk(EndpointMachine before, EndpointMachine after) {
		boolean moved = after.state != before.state || after.incarnation != before.incarnation;
		if (after.state == EndpointState.SERVING || after.state == EndpointState.FINISHED) {
			rememberThatItServed();
		}
		if (moved && this.services.desk().concerns(after)) {
			tellDeskOf(after);
		}
	}

	private void tellDeskOf(EndpointMachine now) {
		while (true) {
			try {
				boolean served = (this.requests & HAS_SERVED) != 0;
				this.services.desk()
					.leave(new DeskSignal.Moved(now.id, now.state, now.incarnation, served, now.hasFailed()));
				return;
			}
			catch (OutOfMemoryError notLeft) {
				Shortage.awaitMemory();
			}
		}
	}

	private AbandonedIncarnations takeOver(HandedOver handedOver) {
		handedOver.incarnations().forEach((incarnation) -> incarnation.movesTo(this));
		return this.abandoned.addAll(handedOver.incarnations());
	}

	/** Only lines for the log: without memory they are lost. */
	private void remark(EndpointMachine before, Signal signal, EndpointMachine after) {
		try {
			if (before.isTooLate(signal)) {
				this.services.monitors()
					.tellTooLate(id(), before.incarnation, signal.getClass().getSimpleName().toLowerCase(Locale.ROOT),
							isLeaving() ? "its removal" : "the end of the broker");
			}
			if (signal instanceof Signal.AwaitsEnd awaits && after.progress != before.progress) {
				this.services.monitors()
					.note(id(), awaits.incarnation(),
							"incarnation " + awaits.incarnation() + " waits for the broker to end, perhaps because it"
									+ " closes the application itself; the broker does not wait for it",
							null);
			}
			remarkOnOverdue(before, after);
		}
		catch (Throwable lost) {
			// What was decided must be carried out in any case.
		}
	}

	/**
	 * Logs once where the thread of an incarnation is that the endpoint waits for, and
	 * what would have ended it: that may last until the broker ends, which lists the
	 * stacks of all that still live.
	 */
	private void remarkOnOverdue(EndpointMachine before, EndpointMachine after) {
		Incarnation latest = this.living;
		if (latest == null || before.isOverdue() || !after.isOverdue()) {
			return;
		}
		LiveStack.of(latest, this.services)
			.thenAccept((stack) -> noteOf(latest.incarnation(), "waits for",
					"to end, whose thread is at " + stack + "; " + OVERDUE_REMEDY, null));
	}

	/**
	 * Several threads report changes of an inner broker, so a later report may arrive
	 * first. Therefore the draining thread reads the current state itself.
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

	private void rememberCrash(EndpointMachine before, EndpointMachine after) {
		CrashEntry crash = after.past.lastCrash();
		if (crash != null && crash != before.past.lastCrash()) {
			remember(crash);
		}
	}

	/**
	 * The snapshot, and before it the history, change before actions are carried out or
	 * monitors told. Allocates nothing.
	 */
	private void show(EndpointMachine next) {
		this.machine = next;
		Incarnation latest = this.living;
		// An incarnation that waits for the broker's end may be abandoned in the same
		// step in which it begins to close: CLOSING is never seen.
		if (latest != null && (next.state == EndpointState.CLOSING || !next.isCurrent(latest.incarnation()))) {
			latest.closingBegins();
		}
	}

	private void remember(CrashEntry crash) {
		CrashHistory made = this.history;
		if (made == null) {
			made = new CrashHistory(this.services.historySize());
			this.history = made;
		}
		made.add(crash);
	}

	private void sortOutWithMemory() {
		while (true) {
			try {
				sortOut();
				return;
			}
			catch (OutOfMemoryError nothingSorted) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Moves an incarnation that was just abandoned to {@link #abandoned}, and removes
	 * those that have ended.
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
	 * The retain cannot fail: the request that changed the state still holds a reference.
	 * This thread releases before it leaves: the release may terminate the broker, and
	 * the termination then enters a reason of its own to keep the JVM up before the
	 * finished endpoint's reason is gone.
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

	/**
	 * If an action fails, the others still follow. Without memory this thread tries the
	 * same action again: all of them can be repeated, and none can be left out.
	 */
	private Threads.@Nullable Task carryOutGuarded(Action action, EndpointMachine before,
			Threads.@Nullable Task followUp) {
		while (true) {
			try {
				return carryOut(action, before, followUp);
			}
			catch (OutOfMemoryError notCarriedOut) {
				Shortage.awaitMemory();
			}
			catch (Throwable failed) {
				noteDefect(action, failed);
				return followUp;
			}
		}
	}

	private Threads.@Nullable Task carryOut(Action action, EndpointMachine before, Threads.@Nullable Task followUp) {
		if (action instanceof Action.Launch launch) {
			return launch(new Incarnation(this, launch.incarnation()));
		}
		if (action instanceof Action.CloseAside aside) {
			CloseTask task = incarnation(aside).closeTask();
			task.willClose();
			return task;
		}
		carryOut(action, before);
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
		else if (action instanceof Action.Ask ask) {
			this.services.desk().report(new DeskSignal.Asked(id(), ask.question(), ask.requested()));
		}
		else if (action instanceof Action.Withdraw withdraw) {
			this.services.desk().report(new DeskSignal.Withdrawn(id(), withdraw.question()));
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
			this.services.monitors().tellCrash(crash.crash().dropped(), crash, crash.failure());
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

	/** Runs on a helper thread: the inner broker may have many endpoints. */
	private void announceIn(@Nullable InnerBroker served) {
		if (served != null) {
			this.services.threads().runOnHelperOrElse(served::announce, served::announce);
		}
	}

	private void tellChange(EndpointMachine from, EndpointMachine to) {
		if (isRemoved()) {
			this.services.monitors().tellLogOfChange(from.shown(), to.shown());
			return;
		}
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

	/** The endpoint has one timer: the next one replaces the last. */
	private void disarm() {
		Time.Timer last = this.timer;
		this.timer = null;
		if (last != null) {
			last.cancel();
		}
	}

	/** Called on the timer's thread, which leaves signals to other threads. */
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
			starve(followUp, noThread);
		}
	}

	private static void starve(Threads.Task followUp, Throwable noThread) {
		while (true) {
			try {
				followUp.starved(noThread);
				return;
			}
			catch (OutOfMemoryError notReported) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Finds out where the incarnation hangs. Reading the stack of a Thread subclass can
	 * run user code, which may hang, too: then the report has no stack.
	 */
	private void inspect(Incarnation incarnation, Action.Inspect inspect) {
		LiveStack.of(incarnation, this.services).thenAccept((stack) -> timedOut(incarnation, inspect, stack));
	}

	/** Called on a helper thread, the signal thread or the draining thread. */
	private void timedOut(Incarnation incarnation, Action.Inspect inspect, List<StackTraceElement> stack) {
		while (true) {
			try {
				Failure failure = Failure.timeout(
						"Incarnation " + inspect.incarnation() + " of endpoint '" + id() + "': " + inspect.what(),
						stack);
				long heartbeat = incarnation.lastHeartbeat();
				leave(new Signal.TimedOut(inspect.timer(), failure, inspect.noticed(), heartbeat != 0, heartbeat,
						Incarnation.roll()));
				return;
			}
			catch (OutOfMemoryError notLeft) {
				Shortage.awaitMemory();
			}
		}
	}

	private void handOver(List<Abandoned> abandoned) {
		EndpointSupervisor next = Objects.requireNonNull(this.successor, "no successor to hand over to");
		next.report(new HandedOver(abandoned, this.abandoned.asList()));
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
	 * Checks what a factory returned: an instance, and a new one.
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

	/** G3 before G1: without memory to remember it, the instance is still served. */
	private boolean isNew(Endpoint made) {
		try {
			return this.services.seen().add(made);
		}
		catch (OutOfMemoryError forgotten) {
			return true;
		}
	}

	/**
	 * Reads what an incarnation threw.
	 * @param predicateThrew receives what the policy's predicate throws
	 */
	Failure failure(Throwable thrown, Consumer<Throwable> predicateThrew) {
		return Failure.of(thrown, this.machine.options.restartPolicy().fatal(), predicateThrew);
	}

	/**
	 * A failure to get a thread: never fatal, so the policy's predicate is not called.
	 */
	Failure threadFailure(Throwable thrown) {
		return Failure.of(thrown, (any) -> false, (impossible) -> {
		});
	}

	/** The words are joined here: without memory the line is lost, as below. */
	private void noteDefect(Object notCarriedOut, Throwable thrown) {
		try {
			note(this.machine.incarnation,
					"could not carry out " + notCarriedOut.getClass().getSimpleName() + "; please report this defect",
					thrown);
		}
		catch (Throwable lost) {
			// There is nothing left to report it to.
		}
	}

	/**
	 * Logs a problem of an incarnation. Without memory the line is lost; the caller must
	 * go on in any case.
	 * @param what what comes before the number of the incarnation in the line
	 * @param more what comes after it
	 */
	void noteOf(long incarnation, String what, String more, @Nullable Throwable thrown) {
		try {
			note(incarnation, what + " incarnation " + incarnation + " " + more, thrown);
		}
		catch (Throwable lost) {
			// There is nothing left to report it to.
		}
	}

	/** Without memory the line is lost; the caller must go on in any case. */
	void note(long incarnation, String what, @Nullable Throwable thrown) {
		try {
			this.services.monitors().note(id(), incarnation, what, thrown);
		}
		catch (Throwable lost) {
			// There is nothing left to report it to.
		}
	}

	/**
	 * The abandoned incarnations that the endpoint's successor takes over.
	 *
	 * @param abandoned the progress of each, for the machine
	 * @param incarnations the incarnations themselves
	 */
	private record HandedOver(List<Abandoned> abandoned, List<Incarnation> incarnations) implements Signal.TakeOver {
	}

	/** The desk wants to know where this endpoint is, as others wait for it. */
	private enum Introduction implements Signal.OfSupervisor {

		INSTANCE

	}

	/**
	 * The first signal of an endpoint that is added. Used by one thread only: the one
	 * that adds the endpoint also drains its queue.
	 */
	private static final class Arrival implements Signal.OfSupervisor {

		private final EndpointRegistry registry;

		private final @Nullable EndpointSupervisor predecessor;

		private boolean entered;

		private @Nullable RuntimeException refusal;

		private @Nullable Error defect;

		Arrival(EndpointRegistry registry, @Nullable EndpointSupervisor predecessor) {
			this.registry = registry;
			this.predecessor = predecessor;
		}

		void enter(EndpointSupervisor arriving) {
			try {
				EndpointSnapshot shown = arriving.snapshot();
				this.entered = this.registry.add(shown.id(), arriving, this.predecessor);
				if (this.entered) {
					arriving.joinDesk();
					tellAdded(arriving.services.monitors(), shown);
				}
			}
			catch (RuntimeException refused) {
				this.refusal = refused;
			}
			catch (Error noMemory) {
				this.defect = noMemory;
			}
		}

		private static void tellAdded(Monitors monitors, EndpointSnapshot shown) {
			while (true) {
				try {
					monitors.tellAdded(shown);
					return;
				}
				catch (OutOfMemoryError nobodyTold) {
					Shortage.awaitMemory();
				}
			}
		}

		boolean hasSucceeded() {
			if (this.refusal != null) {
				throw this.refusal;
			}
			if (this.defect != null) {
				throw this.defect;
			}
			return this.entered;
		}

	}

}
