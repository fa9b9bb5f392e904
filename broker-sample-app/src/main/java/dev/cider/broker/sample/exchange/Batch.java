package dev.cider.broker.sample.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Collects the replies to one batch and sends them as one array, in the order of the
 * requests, when the last reply has come. Guarded by the exchange's lock.
 */
final class Batch {

	/** How many characters all replies may have: a small batch can cause long ones. */
	private static final int MAX_REPLIES = 4 * 1024 * 1024;

	private final Consumer<String> reply;

	private final List<String> replies = new ArrayList<>();

	private int length;

	/** How many replies are missing, and one more until {@link #seal}. */
	private int missing = 1;

	Batch(Consumer<String> reply) {
		this.reply = reply;
	}

	/**
	 * Makes room for the reply to the next request.
	 * @param id the request's id
	 * @return the consumer of that reply
	 */
	Consumer<String> slot(Json id) {
		int index = this.replies.size();
		this.replies.add("");
		this.missing++;
		return (frame) -> {
			this.replies.set(index, bounded(id, frame));
			arrived();
		};
	}

	private String bounded(Json id, String frame) {
		boolean fits = this.length + frame.length() <= MAX_REPLIES;
		String kept = fits ? frame : Frames.error(id, ErrorCode.LIMIT_REACHED,
				"The answers to a batch may have " + MAX_REPLIES + " characters");
		this.length += kept.length();
		return kept;
	}

	/**
	 * Called when the last request has its slot. A batch without slots had only
	 * notifications and gets no reply.
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
