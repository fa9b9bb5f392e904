package dev.cider.broker.spring;

import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A consistent view of an endpoint and its history: the newest crash of the history is
 * the latest crash of the snapshot, unless no history is kept.
 *
 * @param snapshot the endpoint
 * @param history its latest crashes, newest first
 */
public record EndpointView(EndpointSnapshot snapshot, List<CrashSummary> history) {

	/**
	 * Makes the list unmodifiable.
	 * @param snapshot the endpoint
	 * @param history its latest crashes
	 */
	public EndpointView {
		history = List.copyOf(history);
	}

	/**
	 * Reads one endpoint. The broker changes the history before the snapshot, so the
	 * history may hold crashes that the snapshot does not contain yet. The view omits
	 * them.
	 */
	static EndpointView of(BrokerOperations broker, String id) {
		EndpointSnapshot snapshot = broker.endpoint(id);
		return new EndpointView(snapshot, historyUntil(snapshot.lastCrash(), broker.history(id)));
	}

	private static List<CrashSummary> historyUntil(@Nullable CrashSummary last, List<CrashSummary> history) {
		if (last == null || history.isEmpty()) {
			return List.of();
		}
		int known = history.indexOf(last);
		// So many crashes came meanwhile that the history has lost this one and the older
		// ones.
		return (known >= 0) ? history.subList(known, history.size()) : List.of(last);
	}

}
