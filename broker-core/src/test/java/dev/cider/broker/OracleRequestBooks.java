package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's books of the requests for one endpoint that wait: what they must come to.
 */
final class OracleRequestBooks {

	private final List<Class<?>> asked = new ArrayList<>();

	void ask(Signal.Request request) {
		this.asked.add(request.getClass());
	}

	/**
	 * Only what comes after the last stop matters, and there a restart is more than a
	 * start.
	 */
	void check(List<Signal> told) {
		int lastStop = this.asked.lastIndexOf(Signal.Stop.class);
		List<Class<?>> afterwards = this.asked.subList(lastStop + 1, this.asked.size());
		List<Class<?>> expected = new ArrayList<>();
		if (lastStop >= 0) {
			expected.add(Signal.Stop.class);
		}
		if (!afterwards.isEmpty()) {
			boolean restarts = afterwards.contains(Signal.Restart.class);
			expected.add(restarts ? Signal.Restart.class : Signal.Start.class);
		}
		claim(told.stream().map(Signal::getClass).toList().equals(expected),
				"G9: requests that wait come to what they come to one after another");
	}

}
