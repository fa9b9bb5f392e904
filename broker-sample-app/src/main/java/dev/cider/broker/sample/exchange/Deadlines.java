package dev.cider.broker.sample.exchange;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * When pending calls have waited long enough. All may wait equally long, so the oldest is
 * always the next one. Used under the exchange's lock.
 */
final class Deadlines {

	private final CallTimer timer;

	private final long timeout;

	private final Runnable alarm;

	/** Oldest first. */
	private final Map<Call, Long> deadlines = new LinkedHashMap<>();

	/** Whether the alarm will go off. There is never more than one. */
	private boolean armed;

	Deadlines(CallTimer timer, Duration timeout, Runnable alarm) {
		this.timer = timer;
		this.timeout = timeout.toNanos();
		this.alarm = alarm;
	}

	void add(Call call) {
		this.deadlines.put(call, this.timer.nanos() + this.timeout);
		arm();
	}

	void remove(Call call) {
		this.deadlines.remove(call);
	}

	/**
	 * Takes out the calls whose time is over. To be called when the alarm goes off.
	 */
	List<Call> expired() {
		this.armed = false;
		long now = this.timer.nanos();
		List<Call> expired = new ArrayList<>();
		for (Map.Entry<Call, Long> each : this.deadlines.entrySet()) {
			if (each.getValue() - now > 0) {
				break;
			}
			expired.add(each.getKey());
		}
		expired.forEach(this.deadlines::remove);
		arm();
		return expired;
	}

	private void arm() {
		if (!this.armed && !this.deadlines.isEmpty()) {
			this.armed = true;
			long first = this.deadlines.values().iterator().next();
			this.timer.in(Math.max(0, first - this.timer.nanos()), this.alarm);
		}
	}

}
