package dev.cider.broker;

import org.jspecify.annotations.Nullable;

/**
 * A gate that another endpoint of the same broker opens. The broker listens to that
 * endpoint and never asks this gate.
 */
sealed interface KnownGate extends EndpointGate permits ServingGate, ServedGate {

	/** The other endpoint's id. */
	String id();

	@Override
	default @Nullable String shut() {
		throw new IllegalStateException("The broker itself knows where endpoint '" + id() + "' is");
	}

}
