package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Tells the log, and then the monitors in the order in which they were added, what
 * happens. The methods that tell never wait, except for memory, and call no user code.
 */
final class Monitors implements KeepAlive.Farewell {

	/** How long a thread waits for the monitors and the log at most. */
	private static final Duration DRAIN_LIMIT = Duration.ofSeconds(1);

	private static final String THREAD = "broker-monitor-";

	private final LogMonitor log = new LogMonitor();

	private final Mailbox logMailbox = new Mailbox(new LogOwner());

	/** All monitors. Written before {@link #start} only, but read at any time. */
	private final List<Addressee> addressees = new CopyOnWriteArrayList<>();

	/**
	 * Adds a monitor. Not after {@link #start}.
	 */
	void add(BrokerMonitor monitor) {
		String thread = THREAD + (this.addressees.size() + 2);
		Mailbox mailbox = new Mailbox(new MonitorOwner("Monitor " + monitor.getClass().getName(), thread));
		this.addressees.add(new Addressee(monitor, mailbox, thread));
	}

	void start(Threads threads) {
		threads.own(THREAD + "1", this.logMailbox).start();
		this.addressees.forEach((addressee) -> threads.own(addressee.thread, addressee.mailbox).start());
	}

	/**
	 * Tells the log and the monitors of a crash. Makes the report only if it has to be
	 * told.
	 * @param dropped whether the endpoint was dropped
	 */
	void tellCrash(boolean dropped, Supplier<EndpointCrashReport> writing, Failure failure) {
		boolean logged = this.log.mayWantCrash(dropped);
		if (logged || !this.addressees.isEmpty()) {
			EndpointCrashReport report = writing.get();
			Notification line = logged ? Notification.crash(report, () -> this.log.crashed(report, failure)) : null;
			tell(line, (monitor) -> Notification.crash(report, () -> monitor.crashed(report)));
		}
	}

	/**
	 * Tells the log and the monitors of a change. Makes the snapshots only if they have
	 * to be told.
	 * @param loss whether an incarnation was abandoned
	 */
	void tellChange(boolean loss, Supplier<EndpointSnapshot> from, Supplier<EndpointSnapshot> to) {
		boolean logged = this.log.mayWantChange(loss);
		if (logged || !this.addressees.isEmpty()) {
			EndpointChange change = new EndpointChange(from.get(), to.get());
			Notification line = logged ? Notification.change(() -> this.log.changed(change)) : null;
			tell(line, (monitor) -> Notification.change(() -> monitor.changed(change)));
		}
	}

	/**
	 * Tells only the log of a change of an endpoint that was removed: an abandoned
	 * incarnation has ended late.
	 */
	void tellLogOfChange(EndpointSnapshot from, EndpointSnapshot to) {
		EndpointChange change = new EndpointChange(from, to);
		this.logMailbox.put(Notification.change(() -> this.log.changed(change)));
	}

	void tellAdded(EndpointSnapshot endpoint) {
		tell(Notification.change(() -> this.log.added(endpoint)),
				(monitor) -> Notification.change(() -> monitor.added(endpoint)));
	}

	void tellRemoved(EndpointSnapshot endpoint) {
		tell(Notification.change(() -> this.log.removed(endpoint)),
				(monitor) -> Notification.change(() -> monitor.removed(endpoint)));
	}

	/**
	 * Tells only the log how an incarnation ended while the application was shutting
	 * down.
	 */
	void tellExcuse(String id, long incarnation, Failure failure) {
		this.logMailbox.put(Notification.note(() -> this.log.excused(id, incarnation, failure)));
	}

	/**
	 * Tells only the log that an operator's request was accepted but comes too late: the
	 * broker ends, or the endpoint is removed.
	 * @param incarnation the endpoint's latest
	 * @param request what the operator called
	 * @param by what came first
	 */
	void tellTooLate(String id, long incarnation, String request, String by) {
		this.logMailbox.put(Notification.note(() -> this.log.tooLate(id, incarnation, request, by)));
	}

	void tellTermination(Termination termination) {
		while (true) {
			try {
				tell(Notification.last(() -> this.log.terminated(termination)),
						(monitor) -> Notification.last(() -> monitor.terminated(termination)));
				return;
			}
			catch (OutOfMemoryError nobodyTold) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Tells the log, unless there is no line for it, and all monitors. Nobody is left out
	 * or told twice: without memory the caller waits for each of them.
	 */
	private void tell(@Nullable Notification line, Function<BrokerMonitor, Notification> writing) {
		boolean logged = line == null;
		int told = 0;
		while (!logged || told < this.addressees.size()) {
			try {
				if (line != null && !logged) {
					this.logMailbox.put(line);
					logged = true;
				}
				else {
					Addressee next = this.addressees.get(told);
					next.mailbox.put(writing.apply(next.monitor));
					told++;
				}
			}
			catch (OutOfMemoryError notPut) {
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Tells only the log of a problem of an endpoint that is not a crash.
	 * @param incarnation the one that has the problem, or else the endpoint's latest
	 */
	void note(String id, long incarnation, String what, @Nullable Throwable thrown) {
		this.logMailbox.put(Notification.note(() -> this.log.note(id, incarnation, what, thrown)));
	}

	/**
	 * Tells only the log of a problem of no endpoint.
	 * @return whether the log is still open
	 */
	boolean note(String what, @Nullable Throwable thrown) {
		return this.logMailbox.put(Notification.note(() -> this.log.note(what, thrown)));
	}

	/**
	 * Tells only the log of something that is no problem of an endpoint.
	 */
	void inform(String what) {
		this.logMailbox.put(Notification.note(() -> this.log.inform(what)));
	}

	/**
	 * How many notifications to a monitor were lost, over all its registrations.
	 * @throws IllegalArgumentException if it was never added
	 */
	long lost(BrokerMonitor monitor) {
		List<Addressee> registrations = this.addressees.stream()
			.filter((addressee) -> addressee.monitor == monitor)
			.toList();
		if (registrations.isEmpty()) {
			throw new IllegalArgumentException(
					"Invalid monitor (an instance of " + monitor.getClass().getName() + "): not one of this broker");
		}
		return registrations.stream().mapToLong((addressee) -> addressee.mailbox.lost()).sum();
	}

	/**
	 * Waits, after {@link #tellTermination}, until the log is written: a JVM that ends
	 * right after its broker would otherwise lose the line that says why.
	 */
	void awaitLog() throws InterruptedException {
		this.logMailbox.awaitEmptied(System.nanoTime() + DRAIN_LIMIT.toNanos());
	}

	/**
	 * Waits until the log and the monitors were told what has happened so far: a JVM that
	 * ends now would otherwise lose the line that says why.
	 */
	@Override
	public void whenIdle() {
		List<Mailbox> mailboxes = mailboxes();
		CountDownLatch told = new CountDownLatch(mailboxes.size());
		for (Mailbox mailbox : mailboxes) {
			if (!mailbox.put(Notification.note(told::countDown))) {
				told.countDown();
			}
		}
		try {
			told.await(DRAIN_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException enough) {
			// An interrupt asks for the JVM to end now.
		}
	}

	/**
	 * Waits, after {@link #tellTermination}, until the log and the monitors were told
	 * everything.
	 */
	@Override
	public void afterTheEnd() {
		long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
		try {
			for (Mailbox mailbox : mailboxes()) {
				mailbox.awaitEmptied(deadline);
			}
		}
		catch (InterruptedException enough) {
			// An interrupt asks for the JVM to end now.
		}
	}

	private List<Mailbox> mailboxes() {
		return Stream.concat(Stream.of(this.logMailbox), this.addressees.stream().map(Addressee::mailbox)).toList();
	}

	/**
	 * A monitor, its mailbox, and the name of the mailbox's thread.
	 */
	private record Addressee(BrokerMonitor monitor, Mailbox mailbox, String thread) {
	}

	/**
	 * Logs the losses and failures of a monitor. Two monitors may be of one class, so the
	 * log names the thread too.
	 */
	private final class MonitorOwner implements Mailbox.Owner {

		private final String monitor;

		private final MonitorThrows thrown = new MonitorThrows(System::nanoTime);

		MonitorOwner(String monitor, String thread) {
			this.monitor = monitor + " on " + thread;
		}

		@Override
		public void beginsToLose() {
			note(this.monitor + " does not keep up; from now on it is not told everything", null);
		}

		@Override
		public void hasLost(long notifications) {
			say(this.monitor + " has room in its mailbox again; it was not told of " + notifications + " events", null);
		}

		@Override
		public void threw(Throwable thrown) {
			try {
				long again = this.thrown.count(thrown.getClass());
				String what = (again == 0) ? ""
						: " " + thrown.getClass().getName() + " (" + again + " times since its stack was logged)";
				say(this.monitor + " threw" + what + "; it will be told of what comes next",
						(again == 0) ? thrown : null);
			}
			catch (OutOfMemoryError lost) {
				// Without memory the line is lost.
			}
		}

		/**
		 * The log is told of the end before the monitors. After that the monitor's own
		 * thread writes the line.
		 */
		private void say(String what, @Nullable Throwable thrown) {
			try {
				if (!note(what, thrown)) {
					Monitors.this.log.note(what, thrown);
				}
			}
			catch (Throwable broken) {
				// What the log throws cannot be logged.
			}
		}

	}

	/**
	 * Writes into the log how many lines it has lost.
	 */
	private final class LogOwner implements Mailbox.Owner {

		@Override
		public void beginsToLose() {
			// Waits behind all lines that are not lost, where the gap will be.
			note("The log does not keep up; from here on lines are missing", null);
		}

		@Override
		public void hasLost(long notifications) {
			try {
				Monitors.this.log.lost();
				Monitors.this.log.note("The log has room in its mailbox again; " + notifications + " lines are missing",
						null);
			}
			catch (Throwable broken) {
				threw(broken);
			}
		}

		@Override
		public void threw(Throwable thrown) {
			// What the log throws cannot be logged.
		}

	}

}
