package dev.cider.broker;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;

/**
 * What a broker keeps to itself, for tests of what it leaves behind.
 */
final class Insides {

	private final Broker broker;

	Insides(Broker broker) {
		this.broker = broker;
	}

	/**
	 * How many tasks wait in the queue of its timer, whether or not they still matter.
	 */
	int pendingTimers() {
		return ((TimerQueue) field(SystemTime.class, "armed", time())).size();
	}

	boolean timerHasEnded() {
		return !((Thread) field(SystemTime.class, "thread", time())).isAlive();
	}

	List<Incarnation> alive(String id) {
		return supervisor(id).alive();
	}

	EndpointMachine machine(String id) {
		return (EndpointMachine) field(EndpointSupervisor.class, "machine", supervisor(id));
	}

	/** Whether all signals about an endpoint that were left have been carried out. */
	boolean isIdle(String id) {
		return isIdle(supervisor(id));
	}

	boolean isIdle() {
		return isIdle(services().desk()) && registry().inOrder().allMatch(Insides::isIdle);
	}

	/** Whether the end was announced to the broker, which may not have told anybody. */
	boolean isAnnounced() {
		return (boolean) field(Broker.class, "announced", this.broker);
	}

	static boolean isIdle(SerialQueue<?, ?> queue) {
		return field(SerialQueue.class, "latest", queue) == null;
	}

	/**
	 * The log is told of no change for half a second, as its level was found disabled
	 * often enough. Before the broker serves: its log's thread is not at work yet.
	 */
	void muteChangesInLog() {
		LogMonitor log = log();
		EndpointSnapshot shown = registry().inOrder().findFirst().orElseThrow().snapshot();
		for (int i = 0; i < LogMonitor.MUTE_AFTER_CALLS; i++) {
			log.changed(new EndpointChange(shown, shown));
		}
	}

	LogMonitor log() {
		return (LogMonitor) field(Monitors.class, "log", services().monitors());
	}

	/** How many gates the desk knows, and timers for them. */
	int watchedGates() {
		AdmissionDesk desk = services().desk();
		return ((List<?>) field(AdmissionDesk.class, "all", desk)).size()
				+ ((Map<?, ?>) field(AdmissionDesk.class, "watches", desk)).size()
				+ ((Map<?, ?>) field(AdmissionDesk.class, "timers", desk)).size();
	}

	private EndpointSupervisor supervisor(String id) {
		return registry().find(id);
	}

	EndpointRegistry registry() {
		return (EndpointRegistry) field(Broker.class, "endpoints", this.broker);
	}

	private Time time() {
		return services().time();
	}

	private BrokerServices services() {
		return (BrokerServices) field(Broker.class, "services", this.broker);
	}

	private static Object field(Class<?> type, String name, Object owner) {
		try {
			Field field = type.getDeclaredField(name);
			field.setAccessible(true);
			return field.get(owner);
		}
		catch (ReflectiveOperationException renamed) {
			throw new AssertionError(renamed);
		}
	}

}
