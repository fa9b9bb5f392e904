package dev.cider.broker.spring;

import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint and its history as they were together: the newest crash of the history is
 * the latest crash of the snapshot, unless no history is kept.
 *
 * @param snapshot the endpoint
 * @param history its latest crashes, newest first
 */
public record EndpointView(EndpointSnapshot snapshot, List<CrashSummary> history) {

	/**
	 * Makes the list unmodifiable.
	 */
	public EndpointView {
		history = List.copyOf(history);
	}

	/**
	 * Looks at one endpoint. Its history changes before its snapshot, so it may hold
	 * crashes that the snapshot does not know yet: these are left out.
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
		// So many came meanwhile that it was forgotten: then the oldest ones are missing.
		return (known >= 0) ? history.subList(known, history.size()) : List.of(last);
	}

}
