package dev.cider.broker.sample.load;

import java.util.Set;

import tools.jackson.databind.JsonNode;

/**
 * A request that waits for its answer.
 *
 * @param method the method
 * @param payload its only param, which no other request has
 * @param errors the codes that it may fail with
 * @param batch which batch it belongs to, 0 for none
 * @param batchSize how many answers that batch gets
 * @param nanos when it was asked
 */
record Asked(String method, String payload, Set<Integer> errors, int batch, int batchSize, long nanos) {

	static final String ECHO = "echo";

	static final String CANCEL = "rpc.cancel";

	static final String QUIET = "quiet";

	static final String NOTE = "note";

	/** What providers fail calls with when they have no better idea. */
	static final int PROVIDERS_OWN = -32050;

	/**
	 * Whether an answer is its own.
	 */
	boolean fits(JsonNode answer) {
		JsonNode error = answer.get("error");
		return (error != null) ? answer.get("result") == null && fitsError(error) : fitsResult(answer.path("result"));
	}

	private boolean fitsResult(JsonNode result) {
		return switch (this.method) {
			case CANCEL -> result.isBoolean();
			case ECHO -> isPayload(result);
			default -> result.path("method").asString("").equals(this.method) && isPayload(result.path("params"));
		};
	}

	private boolean fitsError(JsonNode error) {
		int code = error.path("code").asInt();
		if (!this.errors.contains(code)) {
			return false;
		}
		return switch (code) {
			case PROVIDERS_OWN -> isPayload(error.path("data"));
			case -32005 -> true;
			default -> error.path("message").asString("").contains("'" + this.method + "'");
		};
	}

	private boolean isPayload(JsonNode params) {
		return params.isArray() && params.size() == 1 && params.get(0).asString("").equals(this.payload);
	}

}
