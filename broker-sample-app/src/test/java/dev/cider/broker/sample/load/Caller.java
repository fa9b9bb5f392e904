package dev.cider.broker.sample.load;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks without end, with several requests on their way at once.
 */
final class Caller extends Member {

	private static final int MAX_LIFE_MILLIS = 10_000;

	private static final int MAX_WINDOW = 12;

	/** More than a client may have pending. */
	private static final int BIG_BATCH = 40;

	private static final int LONG = 20_000;

	private static final Set<Integer> NOBODY = Set.of(-32601);

	private static final Set<Integer> ERRORS = Set.of(-32601, -32000, -32002, -32004, -32005, Asked.PROVIDERS_OWN);

	private static final Set<Integer> ERRORS_OF_A_CANCELLED = Set.of(-32601, -32000, -32003, -32004, -32005);

	private final List<String> methods;

	private long asked;

	private int batches;

	Caller(Clients clients, Carrier carrier, Disturbance disturbance, Ledger ledger, String name, long seed,
			List<String> methods) {
		super(clients, carrier, disturbance, ledger, name, seed);
		this.methods = methods;
	}

	@Override
	String greeting() {
		return "[{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\"method\":\"echo\"}]";
	}

	@Override
	void live(Session session) throws InterruptedException {
		int window = 2 + random().nextInt(MAX_WINDOW);
		long end = System.nanoTime() + random().nextInt(MAX_LIFE_MILLIS) * 1_000_000L;
		while (session.isOpen() && !isFinishing() && System.nanoTime() - end < 0) {
			session.account().awaitFewerThan(window);
			act(session);
		}
		if (!isFinishing() && oneIn(3)) {
			session.vanish();
			return;
		}
		session.account().awaitFewerThan(1);
		session.leave();
	}

	@Override
	void called(Session session, JsonNode call) {
		ledger().fault(ledger().wrong, name() + " provides nothing, but was called: " + call);
	}

	private void act(Session session) {
		int dice = random().nextInt(1000);
		if (dice < 50) {
			session.send(note());
		}
		else if (dice < 100) {
			batch(session, 2 + random().nextInt(7));
		}
		else if (dice < 102) {
			batch(session, BIG_BATCH);
		}
		else if (dice < 105) {
			cancelled(session);
		}
		else {
			session.send(request(session, some(), 0, 0));
		}
	}

	/**
	 * One that a provider keeps, and takes it back.
	 */
	private void cancelled(Session session) {
		Asked quiet = new Asked(Asked.QUIET, payload(), ERRORS_OF_A_CANCELLED, 0, 0, System.nanoTime());
		int id = session.account().ask(quiet);
		session.send(frame(id, quiet.method(), "[" + quoted(quiet.payload()) + "]"));
		int cancel = session.account().ask(new Asked(Asked.CANCEL, "", Set.of(), 0, 0, System.nanoTime()));
		session.send(frame(cancel, Asked.CANCEL, "{\"id\":" + id + "}"));
	}

	/**
	 * One request at least, and a notification somewhere.
	 */
	private void batch(Session session, int size) {
		int batch = ++this.batches;
		ledger().batches.increment();
		session.send(IntStream.range(0, size)
			.mapToObj((index) -> request(session, (size == BIG_BATCH) ? someProvided() : some(), batch, size))
			.collect(Collectors.joining(",", "[" + note() + ",", "]")));
	}

	private String some() {
		int dice = random().nextInt(1000);
		if (dice < 100) {
			return Asked.ECHO;
		}
		if (dice < 120) {
			return "nobody's";
		}
		return (dice < 123) ? Asked.QUIET : someProvided();
	}

	private String someProvided() {
		return this.methods.get(random().nextInt(this.methods.size()));
	}

	private String request(Session session, String method, int batch, int size) {
		Set<Integer> errors = switch (method) {
			case Asked.ECHO -> Set.of();
			case "nobody's" -> NOBODY;
			default -> ERRORS;
		};
		String payload = payload();
		int id = session.account().ask(new Asked(method, payload, errors, batch, size, System.nanoTime()));
		return frame(id, method, "[" + quoted(payload) + "]");
	}

	private String note() {
		return "{\"jsonrpc\":\"2.0\",\"method\":\"" + Asked.NOTE + "\",\"params\":[" + ledger().nextNote() + "]}";
	}

	private static String frame(int id, String method, String params) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
	}

	/**
	 * What no other request has, of any length, with all that needs care.
	 */
	private String payload() {
		String start = name() + " #" + ++this.asked + " \"\\\n\u00e9\u2028\ud83d\ude00 ";
		return start + "x".repeat(oneIn(1000) ? LONG : random().nextInt(100));
	}

	private static String quoted(String text) {
		return JsonMapper.shared().writeValueAsString(text);
	}

}
