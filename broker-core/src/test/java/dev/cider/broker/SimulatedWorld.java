package dev.cider.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A small world in virtual time, wholly determined by its seed: up to four endpoints, the
 * broker that supervises them, sometimes the brokers that go on after it, and the
 * operators. Two {@linkplain BrokerOracle kinds} of {@linkplain EndpointOracle oracles}
 * check every step.
 */
final class SimulatedWorld {

	private static final List<String> IDS = List.of("a", "b", "c", "d");

	private static final int BROKERS = 3;

	private final SimulatedMachine brain;

	private final Omissions omissions;

	private final SimulationTime time = new SimulationTime();

	private final SimulationStory story = new SimulationStory();

	private final SimulationChance chance;

	private final Map<String, SimulationChance> chances = new LinkedHashMap<>();

	private final List<SimulatedBroker> brokers = new ArrayList<>();

	private final List<String> ids;

	private int requests;

	SimulatedWorld(long seed, SimulatedMachine brain, Omissions omissions) {
		this.brain = brain;
		this.omissions = omissions;
		this.chance = new SimulationChance(seed);
		this.ids = IDS.subList(0, this.chance.between(1, IDS.size()));
		for (String id : this.ids) {
			SimulationChance own = this.chance.split();
			if (!omissions.endpoints().contains(id)) {
				this.chances.put(id, own);
			}
		}
	}

	/** Lets everything happen that is to happen in this world. */
	void play() {
		serve();
		while (this.time.next()) {
			// Each event checks what it did.
		}
		this.brokers.forEach(SimulatedBroker::checkTheEnd);
	}

	private void serve() {
		SimulatedBroker earlier = this.brokers.isEmpty() ? null : this.brokers.get(this.brokers.size() - 1);
		SimulatedBroker broker = new SimulatedBroker(this, this.chance.percent(25), this.chances, earlier);
		this.brokers.add(broker);
		SimulationChance operator = this.chance.split();
		this.time.after(this.chance.nanosWithin(20), () -> {
			broker.listenAndServe();
			operate(broker, operator, operator.percent(70) ? operator.between(1, 40) : 0);
		});
	}

	/** Now and then somebody wants something, and in the end all to end. */
	private void operate(SimulatedBroker broker, SimulationChance operator, int left) {
		if (!broker.isServing()) {
			return;
		}
		if (left == 0) {
			// Time enough for some to end by themselves; and somebody may just want
			// something.
			long end = operator.nanosWithin(5000);
			this.time.after(end, () -> broker.terminate(false));
			if (operator.percent(40)) {
				// Some requests and crashes come in between.
				this.time.after(operator.nanosWithin(1000), broker::announceTermination);
				request(broker, operator, operator.nanosWithin(2000));
			}
			long last = end + operator.nanosWithin(10) - operator.nanosWithin(10);
			request(broker, operator, Math.max(0, last));
			return;
		}
		request(broker, operator, operator.percent(90) ? 0 : operator.nanosWithin(20));
		this.time.after(operator.nanosWithin(200), () -> operate(broker, operator, left - 1));
	}

	private void request(SimulatedBroker broker, SimulationChance operator, long hesitation) {
		String id = this.ids.get(operator.between(0, this.ids.size() - 1));
		do {
			Signal.Request request = switch (operator.between(0, 9)) {
				case 0, 1, 2 -> new Signal.Stop();
				case 3, 4, 5 -> new Signal.Restart();
				default -> new Signal.Start();
			};
			if (!this.omissions.requests().contains(this.requests++)) {
				broker.operate(id, request, hesitation);
			}
		}
		// Another one may come before this one is carried out.
		while (operator.percent(20));
	}

	/** Sometimes another broker goes on. */
	void isOver(SimulatedBroker broker) {
		if (this.brokers.size() < BROKERS && this.chance.percent(40)) {
			this.time.after(this.chance.nanosWithin(500), this::serve);
		}
	}

	boolean keepsServing() {
		return this.chance.percent(50);
	}

	SimulatedMachine brain() {
		return this.brain;
	}

	SimulationTime time() {
		return this.time;
	}

	SimulationStory story() {
		return this.story;
	}

	int requests() {
		return this.requests;
	}

	List<String> ids() {
		return this.ids;
	}

	List<SimulatedBroker> brokers() {
		return this.brokers;
	}

	/**
	 * What of a world is left out, to see whether it fails without.
	 *
	 * @param endpoints ids that are not registered
	 * @param requests numbers of requests that nobody has
	 */
	record Omissions(Set<String> endpoints, Set<Integer> requests) {

		static final Omissions NONE = new Omissions(Set.of(), Set.of());

	}

}
