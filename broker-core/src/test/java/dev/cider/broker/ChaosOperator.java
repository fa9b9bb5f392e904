package dev.cider.broker;

import java.util.function.Consumer;

/**
 * Says random things to one broker of a life: on the threads of operators, and from
 * inside factories, endpoints, monitors and ThreadFactories.
 */
final class ChaosOperator {

	private final ChaosBroker chaosBroker;

	private final Broker broker;

	private final ChaosRecord chaos;

	ChaosOperator(ChaosBroker broker) {
		this.chaosBroker = broker;
		this.broker = broker.broker();
		this.chaos = broker.life().chaos();
	}

	void operate(ChaosDice dice) {
		this.chaosBroker.life().silence().unlessFallen(() -> {
			try {
				act(dice);
			}
			catch (InvalidStateException | EndpointTerminatedException refused) {
				this.chaos.count("operation refused");
			}
			catch (Throwable unexpected) {
				this.chaos.claim(false, "G17: an operation threw", unexpected);
			}
		});
	}

	private void act(ChaosDice dice) {
		String id = dice.oneOf(this.chaosBroker.ids().toArray(String[]::new));
		int what = dice.upTo(199);
		if (what < 60) {
			launch("start", id, this.broker::start);
		}
		else if (what < 100) {
			saw("stop " + id);
			this.broker.stop(id);
		}
		else if (what < 160) {
			launch("restart", id, this.broker::restart);
		}
		else if (what < 164) {
			saw("terminate");
			this.broker.terminate();
			this.chaosBroker.saysStop();
		}
		else if (what < 166) {
			saw("announce");
			this.chaosBroker.announcement().make();
			this.chaos.count("announced by an operator");
		}
		else if (what < 168) {
			saw("close the application");
			this.chaosBroker.life().awaiters().terminateAndWait(this.chaosBroker, () -> true);
			this.chaos.count("awaited by an operator");
		}
		else if (what < 171) {
			this.broker.terminated().cancel(true);
		}
		else {
			this.chaos.claim(this.broker.endpoints().size() == this.chaosBroker.ids().size(),
					"G12: all endpoints are shown");
			this.broker.history(id);
		}
		this.chaos.count("operation");
	}

	/** An operator that knows of the announcement is refused. */
	private void launch(String what, String id, Consumer<String> operation) {
		saw(what + " " + id);
		boolean announced = this.chaosBroker.announcement().isMade();
		try {
			operation.accept(id);
			this.chaos.claim(!announced, "G8: a launch is asked for after the announcement", what, id);
		}
		catch (EndpointTerminatedException refused) {
			if (announced) {
				this.chaos.count("refused after the announcement");
			}
			throw refused;
		}
	}

	private void saw(String what) {
		this.chaos.saw(this.chaosBroker.path() + " " + what);
	}

}
