package dev.cider.broker;

import org.jspecify.annotations.Nullable;

/**
 * Open while another endpoint of the same broker serves. The broker listens to that
 * endpoint and never asks this gate.
 *
 * @param id the other endpoint's id
 */
record ServingGate(String id) implements EndpointGate {

	@Override
	public @Nullable String shut() {
		throw new IllegalStateException("The broker itself knows whether endpoint '" + this.id + "' serves");
	}

}
