package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Admits the endpoints of one broker: takes the {@link DeskSignal}s one after another,
 * passes each to the {@link Admissions}, and carries out their {@link DeskAction}s.
 * Decides nothing. A thread that tells it something only leaves a signal; the
 * {@link SignalThread} does the work. Each gate is asked on a thread of its own.
 */
final class AdmissionDesk extends SerialQueue<DeskSignal, Runnable> {

	/** Longer answers of gates are cut off: they are shown, logged and kept. */
	private static final int LONGEST_ANSWER = 200;

	/** How many kinds of exceptions a gate throws of which each is logged once. */
	private static final int MOST_FAILURES = 10;

	private final AdmissionSettings settings;

	private final Time time;

	private final Threads threads;

	private final SignalThread signals;

	private final Monitors monitors;

	private final Function<String, @Nullable EndpointSupervisor> endpoints;

	/** The ids of all members of groups. */
	private final Set<String> grouped;

	/** Used by the draining thread only. */
	private final Admissions admissions;

	/** Guards which gates there are. No user code runs under it. */
	private final Object lock = new Object();

	/** One for each gate object. Guarded by the lock. */
	private final Map<EndpointGate, GateWatch> watches = new IdentityHashMap<>();

	/** One for each endpoint that others wait for. Guarded by the lock. */
	private final Map<String, GateWatch> servingWatches = new HashMap<>();

	/** One for each endpoint that others depend on. Guarded by the lock. */
	private final Map<String, GateWatch> servedWatches = new HashMap<>();

	/**
	 * The ids of the endpoints that others wait for or depend on; changed under the lock.
	 */
	private final Set<String> targets = ConcurrentHashMap.newKeySet();

	/** All watches, in the order of registration; replaced under the lock. */
	private volatile List<GateWatch> all = List.of();

	/** The threads that ask a gate. */
	private final Map<GateWatch, Thread> asking = new ConcurrentHashMap<>();

	private final Map<GateWatch, Time.Timer> timers = new ConcurrentHashMap<>();

	private volatile Time.@Nullable Timer turnsTimer;

	private volatile boolean closed;

	AdmissionDesk(AdmissionSettings settings, List<EndpointGroup> groups, Time time, Threads threads,
			SignalThread signals, Monitors monitors, Function<String, @Nullable EndpointSupervisor> endpoints) {
		this.settings = settings;
		this.time = time;
		this.threads = threads;
		this.signals = signals;
		this.monitors = monitors;
		this.endpoints = endpoints;
		this.grouped = groups.stream()
			.flatMap((group) -> group.members().stream())
			.collect(Collectors.toUnmodifiableSet());
		this.admissions = new Admissions(settings, groups);
	}

	// Which endpoints and gates there are

	/**
	 * Whether each launch of an endpoint with this id and these options must be admitted.
	 */
	boolean gates(String id, EndpointOptions options) {
		return this.settings.limitsStarts() || !options.gates().isEmpty() || this.grouped.contains(id);
	}

	/**
	 * Takes an endpoint in, before it can ask.
	 */
	void join(EndpointSupervisor endpoint) {
		while (true) {
			try {
				List<String> others = endpoint.options().waitFor();
				report(new DeskSignal.Joined(register(endpoint), endpoint.shouldRun()));
				others.forEach(this::introduce);
				return;
			}
			catch (OutOfMemoryError notRegistered) {
				Shortage.awaitMemory();
			}
		}
	}

	/** All memory that is needed is allocated before anything is counted. */
	private Applicant register(EndpointSupervisor endpoint) {
		synchronized (this.lock) {
			List<GateWatch> gates = new ArrayList<>();
			endpoint.options().gates().forEach((name, gate) -> gates.add(watch(name, gate)));
			Applicant applicant = new Applicant(endpoint.id(), List.copyOf(gates), endpoint::leave);
			if (gates.stream().anyMatch((watch) -> watch.registered == 0)) {
				List<GateWatch> known = new ArrayList<>(this.all);
				gates.stream().filter((watch) -> watch.registered == 0).distinct().forEach(known::add);
				this.all = List.copyOf(known);
			}
			for (GateWatch watch : applicant.gates) {
				watch.registered++;
			}
			return applicant;
		}
	}

	/**
	 * The other endpoint may have moved before this desk was interested in it. Safe
	 * against a concurrent move: this thread writes {@link #targets} and then leaves a
	 * signal; the draining thread of that endpoint takes it and tells where it is then.
	 */
	private void introduce(String id) {
		EndpointSupervisor other = this.endpoints.apply(id);
		if (other != null) {
			other.tellDeskWhereItIs();
		}
	}

	private GateWatch watch(String name, EndpointGate gate) {
		if (gate instanceof KnownGate known) {
			this.targets.add(known.id());
			return watchesOf(known).computeIfAbsent(known.id(), (id) -> new GateWatch(name, gate));
		}
		return this.watches.computeIfAbsent(gate, (any) -> new GateWatch(name, gate));
	}

	private Map<String, GateWatch> watchesOf(KnownGate known) {
		return (known instanceof ServedGate) ? this.servedWatches : this.servingWatches;
	}

	/**
	 * Forgets an endpoint that was removed, and the gates that only it had.
	 */
	void leave(EndpointMachine removed) {
		while (true) {
			try {
				DeskSignal left = new DeskSignal.Left(removed.id);
				unregister(removed.options);
				report(left);
				return;
			}
			catch (OutOfMemoryError notUnregistered) {
				Shortage.awaitMemory();
			}
		}
	}

	/** As above: what can fail comes first. */
	private void unregister(EndpointOptions options) {
		synchronized (this.lock) {
			List<GateWatch> gates = new ArrayList<>();
			options.gates().forEach((name, gate) -> gates.add(watch(name, gate)));
			List<GateWatch> left = new ArrayList<>(this.all);
			left.removeIf((watch) -> watch.registered == Collections.frequency(gates, watch));
			List<GateWatch> shown = List.copyOf(left);
			for (int i = 0; i < gates.size(); i++) {
				gates.get(i).registered--;
			}
			for (int i = 0; i < gates.size(); i++) {
				forget(gates.get(i));
			}
			this.all = shown;
		}
	}

	/** A gate that is being asked is kept, so that no second thread asks it. */
	private void forget(GateWatch watch) {
		if (watch.registered > 0) {
			return;
		}
		if (watch.gate instanceof KnownGate known) {
			watchesOf(known).remove(known.id());
			if (!this.servingWatches.containsKey(known.id()) && !this.servedWatches.containsKey(known.id())) {
				this.targets.remove(known.id());
			}
		}
		else if (!this.asking.containsKey(watch)) {
			this.watches.remove(watch.gate);
		}
	}

	/**
	 * All gates that were seen open or shut. Any thread may call it.
	 */
	List<GateSnapshot> gates() {
		return this.all.stream().filter((watch) -> watch.seen).map(GateWatch::shown).toList();
	}

	// For the supervisors, on any thread

	/**
	 * Whether the desk must be told when this endpoint moves.
	 */
	boolean concerns(EndpointMachine machine) {
		return machine.isGated() || this.targets.contains(machine.id);
	}

	/**
	 * Leaves a signal, which must not be lost: without memory for it, the caller waits.
	 */
	void report(DeskSignal signal) {
		while (true) {
			try {
				leave(signal);
				return;
			}
			catch (OutOfMemoryError notLeft) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * The broker is over: nothing is asked any more. Gates that hang are interrupted.
	 * Safe against a concurrent arm: the draining thread puts a timer and then reads
	 * {@link #closed}; this thread writes {@link #closed} and then reads the timers.
	 */
	void close() {
		this.closed = true;
		this.timers.values().forEach(Time.Timer::cancel);
		Time.Timer turns = this.turnsTimer;
		if (turns != null) {
			turns.cancel();
		}
		this.asking.values().forEach(Thread::interrupt);
	}

	// On the draining thread

	@Override
	SignalThread signals() {
		return this.signals;
	}

	@Override
	@Nullable Runnable process(DeskSignal signal) {
		while (true) {
			try {
				this.admissions.on(signal, this.time.now());
				carryOutAll();
				return null;
			}
			catch (OutOfMemoryError notAll) {
				carryOutAll();
				Shortage.awaitMemory();
			}
			catch (RuntimeException | Error defect) {
				noteDefect(signal, defect);
				carryOutAll();
				return null;
			}
		}
	}

	private void noteDefect(DeskSignal signal, Throwable defect) {
		try {
			this.monitors.note("Could not process " + signal.getClass().getSimpleName()
					+ " at the admission of endpoints; please report this defect", defect);
		}
		catch (Throwable lost) {
			// There is nothing left to report it to.
		}
	}

	@Override
	void run(Runnable followUp) {
		followUp.run();
	}

	private void carryOutAll() {
		for (DeskAction next = this.admissions.poll(); next != null; next = this.admissions.poll()) {
			carryOutWithMemory(next);
		}
	}

	private void carryOutWithMemory(DeskAction action) {
		while (true) {
			try {
				carryOut(action);
				return;
			}
			catch (OutOfMemoryError notCarriedOut) {
				Shortage.awaitMemory();
			}
		}
	}

	private void carryOut(DeskAction action) {
		if (action instanceof DeskAction.Tell tell) {
			tell.to().owner.accept(tell.signal());
		}
		else if (action instanceof DeskAction.AskGate ask) {
			ask(ask.gate(), ask.ask());
		}
		else if (action instanceof DeskAction.ArmGate arm) {
			arm(arm);
		}
		else if (action instanceof DeskAction.Forget forget) {
			forgetNow(forget.gate());
		}
		else if (action instanceof DeskAction.ArmTurns arm) {
			armTurns(arm);
		}
		else if (action instanceof DeskAction.Note note) {
			this.monitors.inform(note.what());
		}
	}

	private void forgetNow(GateWatch watch) {
		Time.Timer last = this.timers.remove(watch);
		if (last != null) {
			last.cancel();
		}
		Thread hanging = this.asking.get(watch);
		if (hanging != null) {
			hanging.interrupt();
		}
	}

	private void arm(DeskAction.ArmGate arm) {
		long due = this.time.nanos() + SystemTime.saturatedNanos(arm.delay());
		Time.Timer timer = armGuarded(arm.delay(),
				() -> leave(new DeskSignal.GateDue(arm.gate(), arm.timer(), Math.max(0, this.time.nanos() - due))));
		Time.Timer last = (timer != null) ? this.timers.put(arm.gate(), timer) : this.timers.remove(arm.gate());
		if (last != null) {
			last.cancel();
		}
		if (timer != null && this.closed) {
			timer.cancel();
		}
	}

	private void armTurns(DeskAction.ArmTurns arm) {
		Time.Timer timer = armGuarded(arm.delay(), () -> leave(new DeskSignal.TurnsDue()));
		this.turnsTimer = timer;
		if (timer != null && this.closed) {
			timer.cancel();
		}
	}

	/** Returns {@code null} if the broker is over, so that nothing is to come. */
	private Time.@Nullable Timer armGuarded(Duration delay, Runnable task) {
		try {
			return this.time.after(delay, task);
		}
		catch (RejectedExecutionException over) {
			return null;
		}
	}

	/**
	 * Safe against a concurrent {@link #close}: this thread puts the thread and then
	 * reads {@link #closed}; the closing thread writes that and then reads the threads.
	 */
	private void ask(GateWatch watch, long number) {
		if (this.closed) {
			return;
		}
		Thread thread = this.threads.own("broker-gate-" + watch.name, () -> answer(watch, number));
		this.asking.put(watch, thread);
		try {
			thread.start();
		}
		catch (Throwable noThread) {
			this.asking.remove(watch, thread);
			report(new DeskSignal.NotAsked(watch, number));
			return;
		}
		if (this.closed) {
			thread.interrupt();
		}
	}

	/** Runs on the gate's thread. Its answer must not be lost: nobody else asks. */
	private void answer(GateWatch watch, long number) {
		String shut = askGuarded(watch);
		this.asking.remove(watch, Thread.currentThread());
		synchronized (this.lock) {
			if (watch.registered == 0) {
				this.watches.remove(watch.gate);
			}
		}
		while (true) {
			try {
				leave(new DeskSignal.Answered(watch, number, shut));
				return;
			}
			catch (OutOfMemoryError notLeft) {
				Shortage.awaitMemory();
			}
		}
	}

	private @Nullable String askGuarded(GateWatch watch) {
		try {
			String shut = watch.gate.shut();
			String shown = (shut != null) ? shortened(shut) : null;
			watch.failures = Set.of();
			return shown;
		}
		catch (Throwable thrown) {
			return failed(watch, thrown);
		}
	}

	private String failed(GateWatch watch, Throwable thrown) {
		try {
			String type = thrown.getClass().getName();
			Set<String> known = watch.failures;
			if (known.size() < MOST_FAILURES && !known.contains(type)) {
				Set<String> more = new HashSet<>(known);
				more.add(type);
				watch.failures = more;
				this.monitors.note("Asking gate '" + watch.name + "' threw, which counts as shut", thrown);
			}
			return "unknown: asking it threw " + type;
		}
		catch (Throwable noMemory) {
			return "unknown: asking it threw";
		}
	}

	private static String shortened(String answer) {
		String line = answer.strip().replaceAll("\\R", " | ");
		return (line.length() <= LONGEST_ANSWER) ? line : line.substring(0, LONGEST_ANSWER) + "…";
	}

}
