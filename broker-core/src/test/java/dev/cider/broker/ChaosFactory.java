package dev.cider.broker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * The factory of one endpoint in one life: slow, throwing, hanging, deaf, talking to the
 * broker, and now and then with nothing or something old to give.
 */
class ChaosFactory {

	/** After so many an endpoint comes to its senses, or some would only spin. */
	private static final int WILD = 12;

	private final String id;

	private final long seed;

	private final ChaosBroker broker;

	private final boolean contextual;

	private final EndpointOptions options;

	private final ChaosBooks books;

	/** What the broker has seen for certain. */
	private final List<Endpoint> known = new CopyOnWriteArrayList<>();

	ChaosFactory(String id, long seed, ChaosBroker broker, boolean contextual, EndpointOptions options) {
		this.id = id;
		this.seed = seed;
		this.broker = broker;
		this.contextual = contextual;
		this.options = options;
		this.books = new ChaosBooks(id, broker.life().chaos());
	}

	final @Nullable Endpoint create(@Nullable EndpointContext context) throws Exception {
		int abandoned = this.broker.broker().endpoint(this.id).abandoned();
		ChaosBooks.Entry entry = this.books.createBegins(abandoned);
		if (context != null) {
			life().chaos()
				.claim(context.id().equals(this.id) && context.incarnation() == entry.number(), "G18: the context");
		}
		ChaosDice dice = new ChaosDice(this.seed, "create", entry.number());
		boolean made = false;
		try {
			boolean wild = isWild(entry.number());
			if (wild) {
				disturb(dice, entry, context);
			}
			int what = wild ? dice.upTo(99) : 0;
			if (what >= 96) {
				life().chaos().count("factory gave null");
				return null;
			}
			if (what >= 86 && !this.known.isEmpty()) {
				life().chaos().count("factory gave an instance again");
				return this.known.get(dice.upTo(this.known.size() - 1));
			}
			made = true;
			return life().leftovers().watch(make(entry, context, new ChaosDice(this.seed, entry.number())));
		}
		finally {
			entry.createEnds(made, this.broker.announcement().isMade());
		}
	}

	boolean isWild(long number) {
		return number <= WILD;
	}

	Endpoint make(ChaosBooks.Entry entry, @Nullable EndpointContext context, ChaosDice dice) {
		return new ChaosEndpoint(entry, context, this, dice, !isWild(entry.number()));
	}

	private void disturb(ChaosDice dice, ChaosBooks.Entry entry, @Nullable EndpointContext context) throws Exception {
		ChaosMischief mischief = life().mischief();
		int what = dice.upTo(99);
		if (what < 15) {
			mischief.dawdle(dice);
		}
		else if (what < 27) {
			mischief.fail(dice);
		}
		else if (what < 31) {
			life().chaos().count("factory hung, deaf");
			mischief.hangDeaf();
		}
		else if (what < 35) {
			life().chaos().count("factory hung");
			mischief.hang();
		}
		else if (what < 45) {
			operate(dice);
		}
		else if (what < 48 && context != null) {
			sayReady(entry, context);
		}
		else if (what < 50) {
			Thread.currentThread().interrupt();
		}
	}

	final void sayReady(ChaosBooks.Entry entry, EndpointContext context) {
		entry.saysReady();
		context.ready();
	}

	/** A member of a group talks to its own broker, or to the outermost. */
	final void operate(ChaosDice dice) {
		(dice.chance(50) ? this.broker : life().root()).operator().operate(dice);
	}

	final void know(Endpoint instance) {
		this.known.add(instance);
	}

	final boolean isContextual() {
		return this.contextual;
	}

	/** Whether its instances serve only when they say so. */
	final boolean awaitsReady() {
		return this.contextual && (this.options.explicitReady() || this.options.startTimeout() != null);
	}

	/** Whether an error ends an incarnation that could end that way. */
	boolean mayThrow(long incarnation, Throwable error) {
		return error == this.books.thrownBy(incarnation);
	}

	/** The brokers that its incarnations serve, or have served. */
	Map<Long, ChaosBroker> inner() {
		return Map.of();
	}

	/** How many live, here and further inside. */
	final int alive() {
		return this.books.living().size() + inner().values().stream().mapToInt(ChaosBroker::alive).sum();
	}

	final String id() {
		return this.id;
	}

	final EndpointOptions options() {
		return this.options;
	}

	final ChaosBooks books() {
		return this.books;
	}

	final ChaosBroker broker() {
		return this.broker;
	}

	final ChaosLife life() {
		return this.broker.life();
	}

}
