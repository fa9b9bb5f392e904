package dev.cider.broker.sample.load;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import tools.jackson.databind.JsonNode;

/**
 * Answers calls: mostly well, now and then with an error, twice, wrongly, too late, or by
 * dying.
 */
final class Provider extends Member {

	private static final int MAX_LIFE_MILLIS = 20_000;

	private final List<String> methods;

	/** Calls that it does not answer in time. */
	private final Queue<String> kept = new ConcurrentLinkedQueue<>();

	Provider(Clients clients, Carrier carrier, Disturbance disturbance, Ledger ledger, String name, long seed,
			List<String> methods) {
		super(clients, carrier, disturbance, ledger, name, seed);
		this.methods = methods;
	}

	@Override
	String greeting() {
		StringBuilder batch = new StringBuilder("[");
		for (String method : this.methods) {
			batch.append((batch.length() > 1) ? "," : "").append(request("\"" + method + "\"", method));
		}
		return batch.append(']').toString();
	}

	private static String request(String id, String method) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"rpc.register\",\"params\":[\"" + method + "\"]}";
	}

	@Override
	void live(Session session) throws InterruptedException {
		long end = System.nanoTime() + random().nextInt(MAX_LIFE_MILLIS) * 1_000_000L;
		while (session.isOpen() && !isFinishing() && System.nanoTime() - end < 0) {
			pause(100);
		}
		this.kept.clear();
		if (isFinishing() || oneIn(2)) {
			session.leave();
		}
		else {
			session.vanish();
		}
	}

	@Override
	void called(Session session, JsonNode call) {
		JsonNode id = call.get("id");
		String method = call.path("method").asString("");
		if (id != null) {
			answer(session, id.toString(), method, call.path("params").toString());
		}
		else if (method.equals("rpc.cancelled")) {
			String cancelled = call.path("params").path("id").toString();
			if (this.kept.remove(cancelled)) {
				session.send(result(cancelled, "\"too late\""));
				ledger().answersTooMany.increment();
			}
		}
		else {
			ledger().noteCame(call.path("params").path(0).asInt(-1));
		}
	}

	private void answer(Session session, String id, String method, String params) {
		String result = result(id, "{\"method\":\"" + method + "\",\"params\":" + params + "}");
		if (method.equals(Asked.QUIET)) {
			this.kept.add(id);
		}
		else if (oneIn(3000)) {
			ledger().providersThatDiedInACall.increment();
			session.vanish();
		}
		else if (oneIn(50)) {
			session.send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + Asked.PROVIDERS_OWN
					+ ",\"message\":\"no\",\"data\":" + params + "}}");
		}
		else if (oneIn(200)) {
			session.send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":1,\"error\":2}");
		}
		else if (oneIn(100)) {
			session.send(result);
			session.send(result);
			ledger().answersTooMany.increment();
		}
		else {
			session.send(result);
		}
	}

	private static String result(String id, String result) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}";
	}

}
