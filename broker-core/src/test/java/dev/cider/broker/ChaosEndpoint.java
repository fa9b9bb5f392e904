package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * An instance that may be good or bad at serving, at closing, and at both.
 */
final class ChaosEndpoint implements Endpoint {

	private final ChaosBooks.Entry entry;

	private final @Nullable EndpointContext context;

	private final ChaosFactory factory;

	private final ChaosDice serveDice;

	private final ChaosDice closeDice;

	private final boolean sane;

	private final CountDownLatch closed = new CountDownLatch(1);

	ChaosEndpoint(ChaosBooks.Entry entry, @Nullable EndpointContext context, ChaosFactory factory, ChaosDice dice,
			boolean sane) {
		this.entry = entry;
		this.context = context;
		this.factory = factory;
		this.serveDice = new ChaosDice(dice.upTo(Integer.MAX_VALUE - 1), "serve");
		this.closeDice = new ChaosDice(dice.upTo(Integer.MAX_VALUE - 1), "close");
		this.sane = sane;
	}

	@Override
	public void listenAndServe() throws Exception {
		this.entry.serveBegins();
		this.factory.know(this);
		Throwable thrown = null;
		try {
			serve(this.serveDice);
		}
		catch (Throwable error) {
			thrown = error;
			throw error;
		}
		finally {
			this.entry.serveEnds(thrown, this.factory.broker().announcement().isMade());
			if (thrown != null && this.factory.broker().announcement().isMade()) {
				life().chaos().count("threw after the announcement");
			}
		}
	}

	private void serve(ChaosDice dice) throws Exception {
		ChaosMischief mischief = life().mischief();
		if (this.context != null && (this.sane || dice.chance(70))) {
			this.factory.sayReady(this.entry, this.context);
		}
		else if (this.context != null && dice.chance(60)) {
			sayReadyLater(this.context, new ChaosDice(dice.next(), "connector"));
		}
		int what = this.sane ? 0 : dice.upTo(99);
		if (what < 35) {
			waitForClose(dice.chance(60), dice);
		}
		else if (what < 45) {
			mischief.dawdle(dice);
		}
		else if (what < 65) {
			mischief.dawdle(dice);
			mischief.fail(dice);
		}
		else if (what < 75) {
			mischief.fail(dice);
		}
		else if (what < 81) {
			life().chaos().count("serve hung, deaf");
			mischief.hangDeaf();
		}
		else if (what < 88) {
			life().chaos().count("serve hung");
			mischief.hang();
		}
		else {
			this.factory.operate(dice);
			waitForClose(true, dice);
		}
	}

	/** One that connects in the background: when it has, all may be over. */
	private void sayReadyLater(EndpointContext context, ChaosDice dice) {
		life().execute(() -> {
			life().mischief().dawdle(dice);
			this.factory.sayReady(this.entry, context);
		});
	}

	private void waitForClose(boolean beats, ChaosDice dice) throws InterruptedException {
		boolean announced = false;
		while (!this.closed.await(3, TimeUnit.MILLISECONDS)) {
			if (life().isLeftAlone()) {
				return;
			}
			if (beats && this.context != null) {
				this.context.heartbeat();
			}
			if (!announced && this.factory.broker().announcement().isMade()) {
				announced = true;
				if (losesWhatItUses(dice)) {
					return;
				}
			}
		}
	}

	/** The end was announced, and what it uses closes. */
	private boolean losesWhatItUses(ChaosDice dice) {
		int what = dice.upTo(99);
		if (what < 40) {
			life().mischief().fail(dice);
		}
		if (what < 80) {
			life().chaos().count("returned after the announcement");
		}
		return what < 80;
	}

	@Override
	public void close() throws Exception {
		this.entry.closeBegins();
		this.factory.know(this);
		try {
			close(this.closeDice);
		}
		finally {
			this.entry.closeEnds();
		}
	}

	private void close(ChaosDice dice) throws Exception {
		ChaosMischief mischief = life().mischief();
		int what = this.sane ? 0 : dice.upTo(99);
		if (what >= 92) {
			life().chaos().count("close hung");
			if (what >= 96) {
				mischief.hangDeaf();
			}
			mischief.hang();
		}
		if (what >= 88) {
			mischief.fail(dice);
		}
		if (what >= 70) {
			mischief.dawdle(dice);
		}
		if (what >= 60 && what < 75) {
			this.factory.operate(dice);
		}
		this.closed.countDown();
		if (what >= 50 && what < 60) {
			mischief.fail(dice);
		}
	}

	private ChaosLife life() {
		return this.factory.life();
	}

}
