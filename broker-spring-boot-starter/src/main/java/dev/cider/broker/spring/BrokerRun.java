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

	/** How long a stop waits for empty mailboxes, from the end of the last endpoint. */
	private static final Duration MAILBOX_LIMIT = Duration.ofSeconds(1);

	private final CompletableFuture<Void> over = new CompletableFuture<>();

	private final AtomicBoolean terminating = new AtomicBoolean();

	private final MonitorDrain drain = new MonitorDrain();

	private final EventPublishingMonitor events;

	/** The wrapper of {@link #events} that is registered with the broker. */
	private final BrokerMonitor watchedEvents;

	private final Consumer<BrokerRun> whenOver;

	/** Threads that wait until this run is over. */
	private final List<Thread> awaiting = new CopyOnWriteArrayList<>();

	private volatile boolean stopAnnounced;

	private volatile boolean stopRequested;

	/** Events that earlier runs have lost; written before {@link #broker}. */
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
	 * @param added the endpoints that were added to earlier brokers
	 * @param stopped the stopped broker that the new broker continues
	 */
	void launch(BrokerBlueprint blueprint, AddedEndpoints added, StoppedBroker stopped) {
		this.lostBefore = stopped.lostEvents();
		Broker previous = stopped.last();
		Broker.Builder builder = blueprint.builder();
		if (previous != null) {
			builder.continuing(previous);
		}
		Broker launched = builder.build();
		launched.monitor(this.watchedEvents);
		blueprint.monitors().forEach((monitor) -> launched.monitor(this.drain.watch(monitor)));
		added.registerWith(launched, blueprint);
		try {
			launched.listenAndServe();
		}
		catch (Throwable ex) {
			launched.close();
			throw ex;
		}
		// Publish the broker, then read the stop flags. The stopping thread, in
		// announceStop or requestStop, sets its flag and then reads the broker. So at
		// least one of the two threads tells the broker.
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
	 * Declares that a thread waits until this run is over. It may be a thread of an
	 * endpoint or of a listener: this run must not wait for it.
	 * @return whether the thread was not declared before
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
	 * Revokes {@link #awaitedBy}: the thread no longer waits.
	 */
	void noLongerAwaitedBy(Thread thread) {
		this.awaiting.removeIf((each) -> each == thread);
		Broker serving = this.broker;
		if (serving != null) {
			serving.noLongerAwaitedBy(thread);
		}
	}

	/**
	 * Races with the waiting thread, which writes the list and then tells the broker. The
	 * launching thread tells the broker and then reads the list, and repeats this until
	 * the broker was told last what the list says.
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

	/** By identity: a subclass of Thread may override equals. */
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
	 * @return completes when the run is over
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

	/** A callback may block its thread for ever, so it gets a new one. */
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
			// The broker has terminated, so close() waits only for its log, and no longer
			// than MAILBOX_LIMIT.
			ended.close();
			told.join();
		}
		finally {
			end();
		}
	}

	/**
	 * Ends this run. Also called when the launch has failed.
	 */
	void end() {
		this.events.silence();
		this.whenOver.accept(this);
		this.over.complete(null);
		this.awaiting.clear();
	}

}
