package dev.cider.broker;

import java.util.List;

import static dev.cider.broker.OracleClaim.claim;

/**
 * Keeps its own books of a simulated broker, and compares its end with G11.
 */
final class BrokerOracle {

	private final boolean keepsServing;

	private final List<EndpointOracle> endpoints;

	private int pendingRequests;

	private boolean begun;

	private boolean terminating;

	private boolean byItself;

	private boolean over;

	BrokerOracle(boolean keepsServing, List<EndpointOracle> endpoints) {
		this.keepsServing = keepsServing;
		this.endpoints = endpoints;
	}

	/** All endpoints have been told to begin. */
	void begun() {
		this.begun = true;
	}

	void requested(boolean accepted) {
		claim(!accepted || !this.byItself, "G11: who comes after the broker has ended by itself is refused");
		claim(accepted || this.terminating, "G17: a broker that serves hears its operator");
		this.pendingRequests += accepted ? 1 : 0;
	}

	void requestIsDone() {
		this.pendingRequests--;
	}

	void terminates(boolean itself) {
		claim(!itself || hasReasonToEnd(), "G11: ends by itself only when all have ended and no request waits");
		claim(!this.terminating, "G11: ends once");
		this.terminating = true;
		this.byItself = itself;
	}

	void isOver() {
		claim(!this.over, "G11: over once");
		claim(mayBeOver(), "G11: over only when all endpoints are");
		this.over = true;
	}

	/** Holds after every step. */
	void check() {
		claim(this.terminating || !hasReasonToEnd(), "G11: ends by itself when all have ended");
		claim(this.over || !mayBeOver(), "G11: over as soon as all endpoints are");
		claim(!this.over || mayBeOver(), "G11: over for good");
	}

	void checkTheEnd() {
		check();
		claim(this.over, "G11: over in the end");
	}

	private boolean hasReasonToEnd() {
		if (this.keepsServing || !this.begun || this.pendingRequests > 0) {
			return false;
		}
		for (EndpointOracle endpoint : this.endpoints) {
			if (!endpoint.hasEnded()) {
				return false;
			}
		}
		return true;
	}

	private boolean mayBeOver() {
		if (!this.terminating || !this.begun) {
			return false;
		}
		for (EndpointOracle endpoint : this.endpoints) {
			if (!endpoint.isOver()) {
				return false;
			}
		}
		return true;
	}

	boolean endedByItself() {
		return this.byItself;
	}

}
