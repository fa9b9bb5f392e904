package dev.cider.broker.sample.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Collects the replies to one batch and sends them as one array, in the order of the
 * requests, when the last of them is there. Used under the exchange's lock.
 */
final class Batch {

	private final Consumer<String> reply;

	private final List<String> replies = new ArrayList<>();

	/** One for every reply that is missing, and one until the batch is sealed. */
	private int missing = 1;

	Batch(Consumer<String> reply) {
		this.reply = reply;
	}

	/**
	 * Makes room for the reply to the next request.
	 * @return takes that reply
	 */
	Consumer<String> slot() {
		int index = this.replies.size();
		this.replies.add("");
		this.missing++;
		return (frame) -> {
			this.replies.set(index, frame);
			arrived();
		};
	}

	/**
	 * Says that no slot will be added. A batch without slots had only notifications and
	 * gets no reply at all.
	 */
	void seal() {
		arrived();
	}

	private void arrived() {
		this.missing--;
		if (this.missing == 0 && !this.replies.isEmpty()) {
			this.reply.accept('[' + String.join(",", this.replies) + ']');
		}
	}

}
