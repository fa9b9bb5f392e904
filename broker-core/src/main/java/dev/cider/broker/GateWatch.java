package dev.cider.broker;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * One gate, all endpoints that wait for it, and what is known of it. However many they
 * are, the gate is asked once for all of them, and at most one thread asks it.
 */
final class GateWatch {

	final String name;

	final EndpointGate gate;

	/** Those that ask whether they may launch, and have this gate. */
	private final Set<Applicant> waiting = new LinkedHashSet<>();

	/** How many they are. Other threads read it. */
	private volatile int waitingCount;

	/** How many endpoints have this gate. */
	int users;

	/** How many endpoints of the desk have it. Guarded by the desk's lock. */
	int registered;

	/**
	 * What it threw since it last answered, by the names of classes: logged once each.
	 */
	volatile Set<String> failures = Set.of();

	/** Those of them that began to wait while the gate was being asked. */
	final Set<Applicant> late = new LinkedHashSet<>();

	/** Those that have this gate and live, if it evicts. */
	final Set<Applicant> living = new LinkedHashSet<>();

	/**
	 * Since when and why it is shut, in words; {@code null} if it was last seen open.
	 * Other threads read it.
	 */
	volatile @Nullable String shut;

	/** Whether it was ever seen open or shut. Other threads read it. */
	volatile boolean seen;

	/** Why it is shut, as it answered. */
	@Nullable String answer;

	/** When it was first seen shut. */
	@Nullable Moment shutSince;

	/** The number of the latest question. */
	long ask;

	/** Whether a thread asks it now. */
	boolean asking;

	/** Whether that thread takes longer than it may. */
	boolean hanging;

	/**
	 * Whether its time to answer has begun anew once, because the timer fired far too
	 * late: the JVM had stood still, and with it the thread that asks.
	 */
	boolean renewed;

	/** The number of the latest timer. */
	long timer;

	/** Whether that timer is awaited. */
	boolean armed;

	GateWatch(String name, EndpointGate gate) {
		this.name = name;
		this.gate = gate;
	}

	void add(Applicant applicant) {
		this.waiting.add(applicant);
		this.waitingCount = this.waiting.size();
	}

	void remove(Applicant applicant) {
		this.waiting.remove(applicant);
		this.late.remove(applicant);
		this.waitingCount = this.waiting.size();
	}

	/** A copy: those that are admitted leave meanwhile. */
	List<Applicant> waiting() {
		return new ArrayList<>(this.waiting);
	}

	/**
	 * How it was last seen. Any thread may call it.
	 */
	GateSnapshot shown() {
		String why = this.shut;
		return new GateSnapshot(this.name, why == null, why, this.waitingCount);
	}

	/** Whether the broker itself knows the answer. */
	boolean isKnown() {
		return this.gate instanceof KnownGate;
	}

	/** Whether it may close what serves behind it. What opens once never does. */
	boolean mayEvict() {
		return !(this.gate instanceof ServedGate);
	}

	/** Whether it is open and stays so, whatever happens. */
	boolean isOpenForGood() {
		return this.gate instanceof ServedGate && this.seen && this.answer == null;
	}

	/** Whether somebody wants to know whether it is open. */
	boolean isWatched() {
		return !this.waiting.isEmpty() || !this.living.isEmpty();
	}

	@Override
	public String toString() {
		return this.name;
	}

}
