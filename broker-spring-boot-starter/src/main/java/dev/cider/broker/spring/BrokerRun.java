package dev.cider.broker.spring;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import org.jspecify.annotations.Nullable;

/**
 * One broker from the start of the lifecycle to the callback of its stop.
 */
final class BrokerRun {

	/** How long the mailboxes get to become empty, from the end of the last endpoint. */
	private static final Duration MAILBOX_LIMIT = Duration.ofSeconds(1);

	private final CompletableFuture<Void> over = new CompletableFuture<>();

	private final AtomicBoolean terminating = new AtomicBoolean();

	private final MonitorDrain drain = new MonitorDrain();

	private final EventPublishingMonitor events;

	/** The same, as the broker knows it. */
	private final BrokerMonitor watchedEvents;

	private final Consumer<BrokerRun> whenOver;

	/** Threads that wait until this run is over. */
	private final List<Thread> awaiting = new CopyOnWriteArrayList<>();

	private volatile boolean stopAnnounced;

	private volatile boolean stopRequested;

	/** Events that the runs before have lost; set before the broker is. */
	private long lostBefore;

	/** Set once, when the broker serves. */
	private volatile @Nullable Broker broker;

	/**
	 * A run that has no broker yet.
	 * @param whenOver gets this run, before the callbacks
	 */
	BrokerRun(EventPublishingMonitor events, Consumer<BrokerRun> whenOver) {
		this.events = events;
		this.watchedEvents = this.drain.watch(events);
		this.whenOver = whenOver;
	}

	/**
	 * Builds the broker of this run and makes it serve.
	 * @param stopped what it goes on from
	 */
	void launch(BrokerBlueprint blueprint, StoppedBroker stopped) {
		this.lostBefore = stopped.lostEvents();
		Broker previous = stopped.last();
		Broker.Builder builder = blueprint.builder();
		if (previous != null) {
			builder.continuing(previous);
		}
		Broker launched = builder.build();
		launched.monitor(this.watchedEvents);
		blueprint.monitors().forEach((monitor) -> launched.monitor(this.drain.watch(monitor)));
		blueprint.registerEndpoints(launched);
		try {
			launched.listenAndServe();
		}
		catch (Throwable ex) {
			launched.close();
			throw ex;
		}
		// Publish, then look for a stop: announceStop and requestStop do it the other way
		// round, so that at least one of the two tells the broker.
		this.broker = launched;
		this.awaiting.forEach((thread) -> tellOfWait(launched, thread));
		if (this.stopAnnounced) {
			launched.announceTermination();
		}
		if (this.stopRequested) {
			terminate(launched);
		}
	}

	/**
	 * The broker, once it serves.
	 */
	@Nullable Broker broker() {
		return this.broker;
	}

	/**
	 * How many events this run and all before it have lost.
	 */
	long lostEvents() {
		Broker serving = this.broker;
		return (serving != null) ? this.lostBefore + serving.lost(this.watchedEvents) : 0;
	}

	boolean isStopRequested() {
		return this.stopRequested;
	}

	/**
	 * A thread waits until this run is over. It may be an endpoint's own, or a
	 * listener's: neither may be waited for.
	 * @return whether it is new
	 */
	boolean awaitedBy(Thread thread) {
		this.drain.awaitNoMore(thread);
		if (isAwaitedBy(thread)) {
			return false;
		}
		this.awaiting.add(thread);
		Broker serving = this.broker;
		if (serving != null) {
			serving.awaitedBy(thread);
		}
		if (this.over.isDone()) {
			// The thread that ended this run may have cleared the list before.
			this.awaiting.clear();
		}
		return true;
	}

	/**
	 * The thread's wait has returned.
	 */
	void noLongerAwaitedBy(Thread thread) {
		this.awaiting.removeIf((each) -> each == thread);
		Broker serving = this.broker;
		if (serving != null) {
			serving.noLongerAwaitedBy(thread);
		}
	}

	/**
	 * Against the thread itself, which writes down that it waits, or no more, and then
	 * tells the broker: this tells the broker and then reads what is written down, until
	 * both say the same.
	 */
	private void tellOfWait(Broker launched, Thread thread) {
		do {
			launched.awaitedBy(thread);
			if (isAwaitedBy(thread)) {
				return;
			}
			launched.noLongerAwaitedBy(thread);
		}
		while (isAwaitedBy(thread));
	}

	/** By identity: a Thread may have an equals of its own. */
	private boolean isAwaitedBy(Thread thread) {
		return this.awaiting.stream().anyMatch((each) -> each == thread);
	}

	/**
	 * Tells the broker that it will be stopped soon, now or as soon as it serves.
	 */
	void announceStop() {
		this.stopAnnounced = true;
		Broker serving = this.broker;
		if (serving != null) {
			serving.announceTermination();
		}
	}

	/**
	 * Stops the broker, now or as soon as it serves.
	 * @return completes when it is over
	 */
	CompletableFuture<Void> requestStop() {
		this.stopRequested = true;
		Broker serving = this.broker;
		if (serving != null) {
			terminate(serving);
		}
		return this.over;
	}

	private void terminate(Broker serving) {
		if (this.terminating.compareAndSet(false, true)) {
			serving.terminate();
			serving.terminated()
				.whenCompleteAsync((termination, error) -> endWhenTold(serving), BrokerRun::runOnItsOwnThread);
		}
	}

	/** A callback may do anything, so it gets a thread that nobody else needs. */
	static void runOnItsOwnThread(Runnable task) {
		try {
			new Thread(task, "broker-stop").start();
		}
		catch (OutOfMemoryError noThread) {
			task.run();
		}
	}

	private void endWhenTold(Broker ended) {
		try {
			CompletableFuture<Void> told = this.drain.emptied()
				.completeOnTimeout(null, MAILBOX_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
			// The broker is over: this waits for its log only, for as long at most.
			ended.close();
			told.join();
		}
		finally {
			end();
		}
	}

	/**
	 * Ends this run, also one that could not begin.
	 */
	void end() {
		this.events.silence();
		this.whenOver.accept(this);
		this.over.complete(null);
		this.awaiting.clear();
	}

}
