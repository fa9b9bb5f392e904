package dev.cider.broker;

import java.util.LinkedHashSet;
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
	final Set<Applicant> waiting = new LinkedHashSet<>();

	/** Those of them that began to wait while the gate was being asked. */
	final Set<Applicant> late = new LinkedHashSet<>();

	/** Those that have this gate and live, if it evicts. */
	final Set<Applicant> living = new LinkedHashSet<>();

	/** Since when and why it is shut, in words; {@code null} if it was last seen open. */
	@Nullable String shut;

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

	/** The number of the latest timer. */
	long timer;

	/** Whether that timer is awaited. */
	boolean armed;

	GateWatch(String name, EndpointGate gate) {
		this.name = name;
		this.gate = gate;
	}

	/** Whether the broker itself knows the answer. */
	boolean isKnown() {
		return this.gate instanceof ServingGate;
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
