package dev.cider.broker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * The factory of one endpoint in one life: slow, throwing, hanging, deaf, talking to the
 * broker, and now and then with nothing or something old to give.
 */
final class ChaosFactory {

	/** After so many an endpoint comes to its senses, or some would only spin. */
	private static final int WILD = 12;

	private final String id;

	private final long seed;

	private final ChaosLife life;

	private final ChaosBooks books;

	/** What the broker has seen for certain. */
	private final List<Endpoint> known = new CopyOnWriteArrayList<>();

	ChaosFactory(String id, long seed, ChaosLife life) {
		this.id = id;
		this.seed = seed;
		this.life = life;
		this.books = new ChaosBooks(id, life.chaos());
	}

	ChaosBooks books() {
		return this.books;
	}

	@Nullable Endpoint create(@Nullable EndpointContext context) throws Exception {
		int abandoned = this.life.broker().endpoint(this.id).abandoned();
		ChaosBooks.Entry entry = this.books.createBegins(abandoned);
		if (context != null) {
			this.life.chaos()
				.claim(context.id().equals(this.id) && context.incarnation() == entry.number(), "4.1: the context");
		}
		Dice dice = new Dice(this.seed, this.id, "create", entry.number());
		boolean made = false;
		try {
			if (entry.number() <= WILD) {
				disturb(dice, context);
			}
			int what = (entry.number() <= WILD) ? dice.upTo(99) : 0;
			if (what >= 96) {
				this.life.chaos().count("factory gave null");
				return null;
			}
			if (what >= 91 && !this.known.isEmpty()) {
				this.life.chaos().count("factory gave an instance again");
				return this.known.get(dice.upTo(this.known.size() - 1));
			}
			made = true;
			return this.life.leftovers()
				.watch(new ChaosEndpoint(entry, context, this, new Dice(this.seed, this.id, entry.number()),
						entry.number() > WILD));
		}
		finally {
			entry.createEnds(made);
		}
	}

	private void disturb(Dice dice, @Nullable EndpointContext context) throws Exception {
		Mischief mischief = this.life.mischief();
		int what = dice.upTo(99);
		if (what < 15) {
			mischief.dawdle(dice);
		}
		else if (what < 27) {
			mischief.fail(dice);
		}
		else if (what < 31) {
			this.life.chaos().count("factory hung, deaf");
			mischief.hangDeaf();
		}
		else if (what < 35) {
			this.life.chaos().count("factory hung");
			mischief.hang();
		}
		else if (what < 45) {
			this.life.operator().operate(dice);
		}
		else if (what < 48 && context != null) {
			context.ready();
		}
		else if (what < 50) {
			Thread.currentThread().interrupt();
		}
	}

	void know(Endpoint instance) {
		this.known.add(instance);
	}

	ChaosLife life() {
		return this.life;
	}

}
