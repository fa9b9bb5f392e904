package dev.cider.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * One broker of a life, the outermost or one that is served in it, with its endpoints and
 * monitors and what is known of its end.
 */
final class ChaosBroker {

	private final ChaosLife life;

	/** Where it is served: the ids that lead to it, with a slash after each. */
	private final String path;

	private final long seed;

	private final Broker broker;

	private final Insides insides;

	private final ChaosOperator operator;

	private final ChaosAnnouncement announcement = new ChaosAnnouncement(this);

	private final Map<String, ChaosFactory> factories = new LinkedHashMap<>();

	private final List<ChaosMonitor> monitors = new ArrayList<>();

	/**
	 * A broker without endpoints.
	 * @param threads where its threads come from; {@code null} for the broker's own
	 */
	ChaosBroker(ChaosLife life, String path, long seed, boolean keepServing, @Nullable ThreadFactory threads) {
		this.life = life;
		this.path = path;
		this.seed = seed;
		ChaosDice dice = new ChaosDice(seed, "broker");
		Broker.Builder builder = Broker.builder().keepServing(keepServing).historySize(dice.upTo(5));
		if (threads != null) {
			builder.threadFactory(threads);
		}
		this.broker = life.leftovers().watch(builder.build());
		this.insides = new Insides(this.broker);
		this.operator = new ChaosOperator(this);
	}

	/** Some endpoints serve brokers, at most two deep. */
	void register(String id) {
		ChaosDice dice = new ChaosDice(this.seed, id, "kind");
		boolean contextual = dice.chance(60);
		if (depth() < 2 && dice.chance(25)) {
			EndpointOptions options = ChaosOptions.ofGroup(dice, this.life, contextual);
			register(new ChaosGroup(id, dice.next(), this, contextual, options, false));
		}
		else {
			EndpointOptions options = (depth() > 0) ? ChaosOptions.ofMember(dice, this.life, contextual)
					: ChaosOptions.draw(dice, this.life, contextual);
			register(new ChaosFactory(id, dice.next(), this, contextual, options));
		}
	}

	private long depth() {
		return this.path.chars().filter((each) -> each == '/').count();
	}

	void register(ChaosFactory factory) {
		this.life.leftovers().watch(factory);
		String id = factory.id();
		this.factories.put(id, factory);
		this.life.chaos().saw(this.path + id + ": " + factory.options());
		if (factory.isContextual()) {
			this.broker.registerEndpointFactory(id, (context) -> factory.create(context), factory.options());
		}
		else {
			this.broker.registerEndpointFactory(id, () -> factory.create(null), factory.options());
		}
	}

	void monitor(ChaosMonitor monitor) {
		this.monitors.add(this.life.leftovers().watch(monitor));
		this.broker.monitor(monitor);
	}

	// The end

	/**
	 * Counts what lives at the end, here and further inside, though the broker has ended.
	 * Not in a broker whose incarnation was given up on itself, for want of a thread to
	 * close it in time: it may have gone on launching since.
	 * @param counts how many of each incarnation, as {@link Termination#stuck()} names it
	 * @param listed the same of those that are listed
	 */
	void countLiving(Map<String, Integer> counts, Map<String, Integer> listed) {
		this.factories.forEach((id, factory) -> {
			factory.books().living().forEach((number) -> counts.merge(name(id, number), 1, Integer::sum));
			factory.inner().forEach((number, inner) -> {
				if (!listed.containsKey(name(id, number))) {
					inner.countLiving(counts, listed);
				}
			});
		});
	}

	private String name(String id, long number) {
		return this.path + id + "#" + number;
	}

	/** What an inner broker had to abandon counts outside as well. */
	void checkAbandonedInside() {
		this.factories.forEach((id, factory) -> Poll.until(this.path + id + " to count what is abandoned inside",
				() -> this.broker.endpoint(id)
					.abandoned() >= factory.inner().values().stream().mapToInt(ChaosBroker::alive).sum()));
		inner().forEach(ChaosBroker::checkAbandonedInside);
	}

	/** How many live in it, given up on: before its end it may still close others. */
	int alive() {
		return (this.broker.state() != BrokerState.TERMINATED) ? 0
				: this.factories.values().stream().mapToInt(ChaosFactory::alive).sum();
	}

	void checkTheEnd() {
		for (EndpointSnapshot last : this.broker.endpoints()) {
			ChaosFactory factory = this.factories.get(last.id());
			Poll.until("inner brokers to end", () -> factory.inner().values().stream().noneMatch(ChaosBroker::isUp));
			factory.inner().values().forEach(ChaosBroker::checkTheEnd);
			factory.books().checkTheEnd(last);
			List<CrashSummary> history = this.broker.history(last.id());
			claim(history.isEmpty() || history.get(0) == last.lastCrash(), "G12: history is newest first");
			Poll.until("incarnations to be let go", () -> this.insides.alive(last.id()).isEmpty());
		}
		if (this.broker.state() == BrokerState.TERMINATED) {
			awaitMonitors();
			this.monitors.forEach((monitor) -> monitor.checkTheEnd(this.broker.endpoints()));
		}
		// One may wait for a stack that it has no use for any more, for a second at most.
		Poll.until("no timer to be left (G15)", () -> this.insides.pendingTimers() == 0);
	}

	/** One that was never served never will be. */
	private boolean isUp() {
		return this.broker.state() == BrokerState.SERVING || this.broker.state() == BrokerState.TERMINATING;
	}

	void awaitMonitors() {
		Poll.until("monitors to hear of the end",
				() -> this.monitors.stream().allMatch((monitor) -> monitor.termination() != null));
	}

	private void claim(boolean holds, String promise, Object... details) {
		this.life.chaos().claim(holds, promise, details);
	}

	/** Those that are or were served here. */
	Stream<ChaosBroker> inner() {
		return this.factories.values().stream().flatMap((factory) -> factory.inner().values().stream());
	}

	ChaosLife life() {
		return this.life;
	}

	String path() {
		return this.path;
	}

	Broker broker() {
		return this.broker;
	}

	Insides insides() {
		return this.insides;
	}

	ChaosAnnouncement announcement() {
		return this.announcement;
	}

	ChaosOperator operator() {
		return this.operator;
	}

	List<String> ids() {
		return List.copyOf(this.factories.keySet());
	}

	List<ChaosMonitor> monitors() {
		return this.monitors;
	}

	boolean hasGroups() {
		return this.factories.values().stream().anyMatch((factory) -> factory instanceof ChaosGroup);
	}

	Collection<ChaosFactory> factories() {
		return this.factories.values();
	}

	ChaosFactory factory(String id) {
		return this.factories.get(id);
	}

	ChaosBooks books(String id) {
		return factory(id).books();
	}

	/** A stop of everything has returned that nobody will revoke. */
	void saysStop() {
		this.factories.values().forEach((factory) -> factory.books().saysStop());
	}

}
