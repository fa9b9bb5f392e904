package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

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

	private final AdmissionSettings settings;

	private final Time time;

	private final Threads threads;

	private final SignalThread signals;

	private final Monitors monitors;

	private final Function<String, @Nullable EndpointSupervisor> endpoints;

	/** Used by the draining thread only. */
	private final Admissions admissions;

	/** Guards which gates there are. No user code runs under it. */
	private final Object lock = new Object();

	/** One for each gate object. Guarded by the lock. */
	private final Map<EndpointGate, GateWatch> watches = new IdentityHashMap<>();

	/** One for each endpoint that others wait for. Guarded by the lock. */
	private final Map<String, GateWatch> servingWatches = new HashMap<>();

	/**
	 * How many endpoints have each gate, in the order of registration. Guarded by the
	 * lock.
	 */
	private final Map<GateWatch, Integer> users = new LinkedHashMap<>();

	/**
	 * The ids of the endpoints that others wait for; replaced under the lock.
	 */
	private volatile Set<String> targets = Set.of();

	/** All watches, in the order of registration; replaced under the lock. */
	private volatile List<GateWatch> all = List.of();

	/** The threads that ask a gate. */
	private final Map<GateWatch, Thread> asking = new ConcurrentHashMap<>();

	/** What each gate threw last, by the name of its class: it is logged once. */
	private final Map<GateWatch, String> failures = new ConcurrentHashMap<>();

	private final Map<GateWatch, Time.Timer> timers = new ConcurrentHashMap<>();

	private volatile Time.@Nullable Timer turnsTimer;

	private volatile boolean closed;

	AdmissionDesk(AdmissionSettings settings, Time time, Threads threads, SignalThread signals, Monitors monitors,
			Function<String, @Nullable EndpointSupervisor> endpoints) {
		this.settings = settings;
		this.time = time;
		this.threads = threads;
		this.signals = signals;
		this.monitors = monitors;
		this.endpoints = endpoints;
		this.admissions = new Admissions(settings);
	}

	// Which endpoints and gates there are

	/**
	 * Whether each launch of an endpoint with these options must be admitted.
	 */
	boolean gates(EndpointOptions options) {
		return this.settings.limitsStarts() || !options.gates().isEmpty();
	}

	/**
	 * Takes an endpoint in, before it can ask.
	 */
	void join(String id, EndpointOptions options) {
		List<GateWatch> gates = new ArrayList<>();
		synchronized (this.lock) {
			options.gates().forEach((name, gate) -> gates.add(watch(name, gate)));
			gates.forEach((watch) -> this.users.merge(watch, 1, Integer::sum));
			showWatches();
		}
		report(new DeskSignal.Joined(new Applicant(id, List.copyOf(gates))));
		options.waitFor().forEach(this::introduce);
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
		return (gate instanceof ServingGate serving)
				? this.servingWatches.computeIfAbsent(serving.id(), (id) -> new GateWatch(name, gate))
				: this.watches.computeIfAbsent(gate, (any) -> new GateWatch(name, gate));
	}

	private void showWatches() {
		this.targets = Set.copyOf(this.servingWatches.keySet());
		this.all = List.copyOf(this.users.keySet());
	}

	/**
	 * Forgets an endpoint that was removed, and the gates that only it had.
	 */
	void leave(String id, EndpointOptions options) {
		report(new DeskSignal.Left(id));
		synchronized (this.lock) {
			options.gates().forEach((name, gate) -> {
				GateWatch watch = watch(name, gate);
				if (this.users.computeIfPresent(watch, (any, count) -> (count > 1) ? count - 1 : null) == null) {
					forget(watch);
				}
			});
			showWatches();
		}
	}

	private void forget(GateWatch watch) {
		if (watch.gate instanceof ServingGate serving) {
			this.servingWatches.remove(serving.id());
		}
		this.watches.remove(watch.gate);
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
		return machine.gated || this.targets.contains(machine.id);
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
			EndpointSupervisor endpoint = this.endpoints.apply(tell.id());
			if (endpoint != null) {
				endpoint.leave(tell.signal());
			}
		}
		else if (action instanceof DeskAction.AskGate ask) {
			ask(ask.gate(), ask.ask());
		}
		else if (action instanceof DeskAction.ArmGate arm) {
			arm(arm);
		}
		else if (action instanceof DeskAction.Forget forget) {
			this.failures.remove(forget.gate());
			Time.Timer last = this.timers.remove(forget.gate());
			if (last != null) {
				last.cancel();
			}
		}
		else if (action instanceof DeskAction.ArmTurns arm) {
			armTurns(arm);
		}
		else if (action instanceof DeskAction.Note note) {
			this.monitors.inform(note.what());
		}
	}

	private void arm(DeskAction.ArmGate arm) {
		Time.Timer timer = armGuarded(arm.delay(), new DeskSignal.GateDue(arm.gate(), arm.timer()));
		Time.Timer last = (timer != null) ? this.timers.put(arm.gate(), timer) : this.timers.remove(arm.gate());
		if (last != null) {
			last.cancel();
		}
		if (timer != null && this.closed) {
			timer.cancel();
		}
	}

	private void armTurns(DeskAction.ArmTurns arm) {
		Time.Timer timer = armGuarded(arm.delay(), new DeskSignal.TurnsDue());
		this.turnsTimer = timer;
		if (timer != null && this.closed) {
			timer.cancel();
		}
	}

	/** Returns {@code null} if the broker is over, so that nothing is to come. */
	private Time.@Nullable Timer armGuarded(Duration delay, DeskSignal due) {
		try {
			return this.time.after(delay, () -> leave(due));
		}
		catch (RejectedExecutionException over) {
			return null;
		}
	}

	private void ask(GateWatch watch, long number) {
		Thread thread = this.threads.own("broker-gate-" + watch.name, () -> answer(watch, number));
		this.asking.put(watch, thread);
		try {
			thread.start();
		}
		catch (Throwable noThread) {
			this.asking.remove(watch, thread);
			report(new DeskSignal.Answered(watch, number, "unknown: no thread could be started to ask it"));
		}
	}

	/** Runs on the gate's thread. */
	private void answer(GateWatch watch, long number) {
		String shut = askGuarded(watch);
		this.asking.remove(watch, Thread.currentThread());
		report(new DeskSignal.Answered(watch, number, shut));
	}

	private @Nullable String askGuarded(GateWatch watch) {
		try {
			String shut = watch.gate.shut();
			this.failures.remove(watch);
			return (shut != null) ? shortened(shut) : null;
		}
		catch (Throwable thrown) {
			String type = thrown.getClass().getName();
			if (!type.equals(this.failures.put(watch, type))) {
				this.monitors.note("Asking gate '" + watch.name + "' threw, which counts as shut", thrown);
			}
			return "unknown: asking it threw " + type;
		}
	}

	private static String shortened(String answer) {
		String line = answer.strip().replaceAll("\\R", " | ");
		return (line.length() <= LONGEST_ANSWER) ? line : line.substring(0, LONGEST_ANSWER) + "…";
	}

}
