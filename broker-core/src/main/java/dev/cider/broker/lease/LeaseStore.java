package dev.cider.broker.lease;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Where the nodes keep their leases: one small text for each key, of at most 1,000
 * characters. Any store with an atomic compare-and-set can be one.
 * <p>
 * <b>What it must promise.</b> Reads and changes of one key are linearizable: a read that
 * begins after a change has returned sees this change or a later one. A replica that lags
 * behind is no lease store. A text must neither expire nor be deleted or restored from a
 * backup while a node uses its lease: the text holds the fencing token, which must never
 * go down.
 * <p>
 * <b>Threads.</b> Several threads may call it at once, each for a key of its own. A call
 * may block. Each call must end in the end, also when the network neither answers nor
 * refuses: until it has ended, its node makes no other call of this kind for this key.
 * <p>
 * <b>Exceptions.</b> An exception says that the outcome is unknown: the change may have
 * been made, or may still be made later. Nodes allow for that.
 */
public interface LeaseStore {

	/**
	 * Reads a text.
	 * @param key which one
	 * @return the text; {@code null} if there is none
	 * @throws Exception if the store cannot tell
	 */
	@Nullable String read(String key) throws Exception;

	/**
	 * Changes a text, if it is what the caller expects. Comparison and change are one
	 * atomic step.
	 * @param key which one
	 * @param expected the whole text that must be there; {@code null} if there must be
	 * none
	 * @param next the text to be written
	 * @return whether it was changed; {@code false} if another text was there
	 * @throws Exception if it is unknown whether the text was changed
	 */
	boolean compareAndSet(String key, @Nullable String expected, String next) throws Exception;

	/**
	 * Reads several texts. A store that can do this in one query should override it:
	 * nodes that stand by for many leases call it. The texts need not be of the same
	 * instant, but each must be as recent as one that {@link #read} returns.
	 * @param keys which ones
	 * @return the text of each key that has one
	 * @throws Exception if the store cannot tell
	 */
	default Map<String, String> readAll(Collection<String> keys) throws Exception {
		Map<String, String> texts = new HashMap<>();
		for (String key : keys) {
			String text = read(key);
			if (text != null) {
				texts.put(key, text);
			}
		}
		return texts;
	}

}
