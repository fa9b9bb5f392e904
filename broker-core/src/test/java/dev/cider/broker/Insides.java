package dev.cider.broker;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;

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
		return timer().getQueue().size();
	}

	boolean timerHasEnded() {
		return timer().isTerminated();
	}

	List<Incarnation> alive(String id) {
		return supervisor(id).alive();
	}

	/** Whether all signals about an endpoint that were left have been carried out. */
	boolean isIdle(String id) {
		Object signals = field(EndpointSupervisor.class, "signals", supervisor(id));
		return ((AtomicInteger) field(WorkQueue.class, "waiting", signals)).get() == 0;
	}

	private EndpointSupervisor supervisor(String id) {
		Map<?, ?> supervisors = (Map<?, ?>) field(Broker.class, "supervisors", this.broker);
		return (EndpointSupervisor) supervisors.get(id);
	}

	private ScheduledThreadPoolExecutor timer() {
		Engine engine = (Engine) field(Broker.class, "engine", this.broker);
		return (ScheduledThreadPoolExecutor) field(SystemTime.class, "timer", engine.time());
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
