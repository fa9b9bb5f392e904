package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at the snapshots of all lives all the time, on one thread of its own, and
 * compares them with the last ones (G12).
 */
final class ChaosReader implements Runnable {

	private static final long PAUSE = 1_000_000;

	private final Map<ChaosLife, Map<String, EndpointSnapshot>> lives = new ConcurrentHashMap<>();

	private volatile boolean over;

	void add(ChaosLife life) {
		this.lives.put(life, new ConcurrentHashMap<>());
	}

	void remove(ChaosLife life) {
		this.lives.remove(life);
	}

	void end() {
		this.over = true;
	}

	@Override
	public void run() {
		while (!this.over) {
			this.lives.forEach(ChaosReader::look);
			LockSupport.parkNanos(PAUSE);
		}
	}

	private static void look(ChaosLife life, Map<String, EndpointSnapshot> last) {
		for (EndpointSnapshot shown : life.root().broker().endpoints()) {
			boolean group = life.root().factory(shown.id()) instanceof ChaosGroup;
			String nonsense = nonsense(shown, last.put(shown.id(), shown), group);
			life.chaos().claim(nonsense == null, "G12", nonsense, shown);
		}
		life.chaos().count("snapshots read");
	}

	/** In a group more may be abandoned than the group was started. */
	private static String nonsense(EndpointSnapshot shown, EndpointSnapshot before, boolean group) {
		boolean isUp = switch (shown.state()) {
			case STARTING, SERVING, CLOSING, BACKOFF, WAITING, FINISHED, DROPPED -> true;
			case REGISTERED, STOPPED -> false;
		};
		if (isUp && shown.incarnation() == 0) {
			return "a state without an incarnation";
		}
		if (shown.incarnation() != shown.starts()) {
			return "starts and incarnations differ";
		}
		if (shown.restarts() > 0 && shown.restarts() >= shown.starts()) {
			return "more restarts than there can be";
		}
		if (shown.crashes() > shown.starts() || shown.drops() > shown.crashes()
				|| shown.consecutiveErrors() > shown.crashes() || (shown.abandoned() > shown.starts() && !group)) {
			return "counts that contradict each other";
		}
		if ((shown.crashes() > 0) != (shown.lastCrash() != null)) {
			return "no last crash, or one too many";
		}
		boolean waits = shown.nextStart() != null;
		if (waits ? shown.state() != EndpointState.BACKOFF && shown.state() != EndpointState.DROPPED
				: shown.state() == EndpointState.BACKOFF) {
			return "a wrong next start";
		}
		boolean backwards = before != null && (shown.starts() < before.starts() || shown.restarts() < before.restarts()
				|| shown.crashes() < before.crashes() || shown.drops() < before.drops());
		return backwards ? "a total that runs backwards" : null;
	}

}
