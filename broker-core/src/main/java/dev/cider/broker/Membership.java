package dev.cider.broker;

import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * What an endpoint has only if it was added, or is removed, while its broker serves.
 */
final class Membership {

	private final EndpointRegistry registry;

	/**
	 * Whether the endpoint still waits for the abandoned incarnations of a removed
	 * endpoint with the same id. Used by the draining thread only, after it was created.
	 */
	private boolean awaitsTakeOver;

	/** Set when the removal was requested. */
	private volatile @Nullable CompletableFuture<Void> removal;

	/** Whether readers do not see the endpoint any more. */
	private volatile boolean removed;

	Membership(EndpointRegistry registry, boolean awaitsTakeOver) {
		this.registry = registry;
		this.awaitsTakeOver = awaitsTakeOver;
	}

	EndpointRegistry registry() {
		return this.registry;
	}

	boolean awaitsTakeOver() {
		return this.awaitsTakeOver;
	}

	void tookOver() {
		this.awaitsTakeOver = false;
	}

	/**
	 * Requests the removal.
	 * @return the same future for each request
	 */
	synchronized CompletableFuture<Void> remove() {
		CompletableFuture<Void> requested = this.removal;
		if (requested == null) {
			requested = new CompletableFuture<>();
			this.removal = requested;
		}
		return requested;
	}

	boolean isRequestedToLeave() {
		return this.removal != null;
	}

	void hide() {
		this.removed = true;
	}

	boolean isRemoved() {
		return this.removed;
	}

}
