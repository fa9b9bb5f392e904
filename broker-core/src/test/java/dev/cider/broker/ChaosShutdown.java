package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;

/**
 * The factory of an endpoint that closes the application, and so waits for the very
 * broker that waits for it. Else it is good, and may have an hour for its close: it is
 * not by time limits that the broker comes to its end.
 */
final class ChaosShutdown extends ChaosFactory {

	private static final Duration HOUR = Duration.ofHours(1);

	private final Place place;

	/** Whether it closes all, or only the group that it belongs to. */
	private final boolean all;

	ChaosShutdown(String id, ChaosDice dice, ChaosBroker broker) {
		super(id, dice.next(), broker, true, options(dice));
		Place drawn = dice.oneOf(Place.values());
		// The JVM does not tell whom a virtual thread joins.
		this.place = (drawn == Place.SERVE_BY_ANOTHER_THREAD && !broker.life().onPlatformThreads()) ? Place.SERVE
				: drawn;
		this.all = dice.chance(50);
	}

	private static EndpointOptions options(ChaosDice dice) {
		return EndpointOptions.builder()
			.closeTimeout(dice.chance(60) ? HOUR : ChaosMischief.shortTime(dice))
			.restartPolicy(TestOptions.atOnce().build())
			.build();
	}

	@Override
	boolean isWild(long number) {
		return false;
	}

	@Override
	Endpoint make(ChaosBooks.Entry entry, @Nullable EndpointContext context, ChaosDice dice) {
		if (this.place == Place.FACTORY) {
			shutDown(context);
		}
		return new Closing(entry, context, dice);
	}

	/** Without a limit, a thread that was closing before may have been interrupted. */
	private void shutDown(EndpointContext context) {
		boolean interrupted = life().awaiters().terminateAndWait(this.all ? life().root() : broker(), context::closing);
		life().chaos().claim(!interrupted, "G10: interrupts a thread that waits for the broker", id(), this.place);
		life().chaos().count("shut down in " + this.place);
	}

	/** One thread closes the application, and the endpoint's waits for that. */
	private void joinShutDown(EndpointContext context) {
		Thread closing = new Thread(() -> shutDown(context), "closes the application");
		closing.start();
		boolean interrupted = false;
		while (closing.isAlive()) {
			try {
				closing.join();
			}
			catch (InterruptedException late) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Where it closes the application. */
	private enum Place {

		FACTORY, SERVE, SERVE_BY_ANOTHER_THREAD, CLOSE

	}

	private final class Closing implements Endpoint {

		private final ChaosBooks.Entry entry;

		private final EndpointContext context;

		private final ChaosDice dice;

		private final CountDownLatch closed = new CountDownLatch(1);

		Closing(ChaosBooks.Entry entry, EndpointContext context, ChaosDice dice) {
			this.entry = entry;
			this.context = context;
			this.dice = dice;
		}

		@Override
		public void listenAndServe() {
			this.entry.serveBegins();
			life().mischief().dawdle(this.dice);
			if (ChaosShutdown.this.place == Place.SERVE) {
				shutDown(this.context);
			}
			else if (ChaosShutdown.this.place == Place.SERVE_BY_ANOTHER_THREAD) {
				joinShutDown(this.context);
			}
			Waiting.onDeaf(this.closed);
			this.entry.serveEnds(null, false);
		}

		@Override
		public void close() {
			this.entry.closeBegins();
			this.closed.countDown();
			if (ChaosShutdown.this.place == Place.CLOSE) {
				shutDown(this.context);
			}
			this.entry.closeEnds();
		}

	}

}
