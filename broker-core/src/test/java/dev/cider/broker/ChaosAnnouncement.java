package dev.cider.broker;

import java.util.HashMap;
import java.util.Map;

/**
 * The announcement of the end of one broker in one life, and of the brokers that are
 * served in it: when it has been carried out, nothing crashes, is dropped or is launched
 * any more.
 */
final class ChaosAnnouncement {

	private final ChaosBroker announced;

	/** What was shown when it had been carried out. */
	private final Map<String, EndpointSnapshot> then = new HashMap<>();

	/** Whether an announcement has returned. */
	private volatile boolean made;

	ChaosAnnouncement(ChaosBroker announced) {
		this.announced = announced;
	}

	void make() {
		this.announced.broker().announceTermination();
		this.made = true;
	}

	/** Whether all that happens from now on happens after the announcement. */
	boolean isMade() {
		return this.made;
	}

	/**
	 * Waits until it has been carried out, if it was made, here and further inside. Until
	 * then two may be ahead of it: what waits for the thread that drains an endpoint, be
	 * it a crash or a launch; and, further inside, the helper thread that announces it
	 * there. After that nothing is.
	 */
	void settle() {
		if (!this.made) {
			return;
		}
		for (ChaosFactory factory : this.announced.factories()) {
			Poll.until("the announcement to be carried out", () -> this.announced.insides().isIdle(factory.id()));
			this.then.put(factory.id(), shown(factory.id()));
			factory.inner().values().forEach((inner) -> inner.announcement().settleInside());
		}
	}

	private void settleInside() {
		Broker broker = this.announced.broker();
		if (broker.state() == BrokerState.INITIALISED) {
			// It may be served later, or never.
			return;
		}
		Insides insides = this.announced.insides();
		Poll.until("the announcement to arrive inside",
				() -> insides.isAnnounced() || broker.state() != BrokerState.SERVING);
		if (insides.isAnnounced()) {
			// Who announces it may not have told all endpoints yet.
			make();
			settle();
		}
	}

	void check() {
		this.then.forEach((id, then) -> {
			EndpointSnapshot shown = shown(id);
			claim(shown.crashes() == then.crashes(), "G5: a crash after the announcement", shown, then);
			claim(shown.drops() == then.drops(), "G5: a drop after the announcement", shown, then);
			claim(shown.starts() == then.starts(), "G8: a launch after the announcement", shown, then);
			claim(shown.nextStart() == null, "G8: a launch to come after the announcement", shown);
		});
		this.announced.inner().forEach((inner) -> inner.announcement().check());
	}

	private EndpointSnapshot shown(String id) {
		return this.announced.broker().endpoint(id);
	}

	private void claim(boolean holds, String promise, Object... details) {
		this.announced.life().chaos().claim(holds, promise, details);
	}

}
