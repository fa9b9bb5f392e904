package dev.cider.broker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Says random things to the broker of one life: on the threads of operators, and from
 * inside factories, endpoints, monitors and ThreadFactories.
 */
final class ChaosOperator {

	private final Broker broker;

	private final List<String> ids;

	private final List<ChaosBooks> books;

	private final ChaosRecord chaos;

	private final AtomicInteger busy = new AtomicInteger();

	private volatile boolean quiet;

	ChaosOperator(Broker broker, Map<String, ChaosBooks> books, ChaosRecord chaos) {
		this.broker = broker;
		this.ids = List.copyOf(books.keySet());
		this.books = List.copyOf(books.values());
		this.chaos = chaos;
	}

	void operate(Dice dice) {
		this.busy.incrementAndGet();
		try {
			if (!this.quiet) {
				act(dice);
			}
		}
		catch (InvalidStateException | EndpointTerminatedException refused) {
			this.chaos.count("operation refused");
		}
		catch (Throwable unexpected) {
			this.chaos.claim(false, "4.5: an operation threw", unexpected);
		}
		finally {
			this.busy.decrementAndGet();
		}
	}

	private void act(Dice dice) {
		String id = this.ids.get(dice.upTo(this.ids.size() - 1));
		int what = dice.upTo(99);
		if (what < 30) {
			this.chaos.saw("start " + id);
			this.broker.start(id);
		}
		else if (what < 50) {
			this.chaos.saw("stop " + id);
			this.broker.stop(id);
		}
		else if (what < 80) {
			this.chaos.saw("restart " + id);
			this.broker.restart(id);
		}
		else if (what < 82) {
			this.chaos.saw("terminate");
			this.broker.terminate();
			this.books.forEach(ChaosBooks::saysStop);
		}
		else if (what < 84) {
			this.broker.terminated().cancel(true);
		}
		else {
			this.chaos.claim(this.broker.endpoints().size() == this.ids.size(), "G12: all endpoints are shown");
			this.broker.history(id);
		}
		this.chaos.count("operation");
	}

	/** From now on nobody says anything, and what was said has been said. */
	void hush() {
		this.quiet = true;
		Poll.until("operators to fall silent", () -> this.busy.get() == 0);
	}

}
