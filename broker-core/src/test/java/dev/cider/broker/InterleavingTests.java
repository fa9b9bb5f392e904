package dev.cider.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BinaryOperator;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Explores the interleavings of the parts of the supervisor that threads share, memory
 * access by memory access. Each test has a control: the same check on the same part
 * written carelessly, whose race must be found, or the test would prove nothing. Whole
 * brokers are too much for this; they are played by {@link PlayedWorldTests}.
 */
class InterleavingTests {

	/** In another tick than 0. */
	private static final long LATER = 5_000_000;

	/** How many a test; {@code -Dbroker.interleavings} for a long night. */
	private static final int INVOCATIONS = Integer.getInteger("broker.interleavings", 100);

	// The last reference is released, and another thread adds one

	@Test
	void g11ABrokerWithAReferenceServesUntilItIsReleased() {
		explore(() -> {
			AtomicInteger empty = new AtomicInteger();
			ServingReferences references = new ServingReferences(1, empty::incrementAndGet);
			releaseAndRetain(references::retain, references::release, empty);
		});
	}

	@Test
	void aCarelessCountOfReferencesIsFound() {
		assertRaceIsFound(() -> {
			AtomicInteger empty = new AtomicInteger();
			CarelessReferences references = new CarelessReferences(empty);
			releaseAndRetain(references::retain, references::release, empty);
		});
	}

	private static void releaseAndRetain(BooleanSupplier retain, Runnable release, AtomicInteger empty) {
		together(release, () -> {
			if (retain.getAsBoolean()) {
				require(empty.get() == 0, "retained, but all are released");
				release.run();
			}
		});
		require(empty.get() == 1, "the last one is released once");
	}

	// The last endpoint finishes, and an operator starts it again

	@Test
	void theJvmIsHeldByOneThreadWhileThereIsAReason() {
		explore(5 * INVOCATIONS, () -> {
			Farewells farewells = new Farewells();
			List<Thread> made = new ArrayList<>();
			KeepAlive keepAlive = new KeepAlive((task) -> worker(task, made), farewells);
			keepAlive.enter();
			keepAlive.begin();
			finishAndStart(keepAlive::leave, keepAlive::enter);
			keepAlive.end();
			joinAll(made);
			require(farewells.afterTheEnd > 0, "a thread was there at the end");
			require(!farewells.clash, "no two at a time");
		});
	}

	@Test
	void withoutAReasonNoThreadIsLeft() {
		explore(5 * INVOCATIONS, () -> {
			List<Thread> made = new ArrayList<>();
			KeepAlive keepAlive = new KeepAlive((task) -> worker(task, made), new Farewells());
			keepAlive.enter();
			keepAlive.begin();
			finishAndStart(keepAlive::leave, () -> {
				keepAlive.enter();
				keepAlive.leave();
			});
			// A thread that stayed would never be joined.
			joinAll(made);
		});
	}

	@Test
	void aCarelessThreadThatLetsTheJvmGoIsFound() {
		assertRaceIsFound(20 * INVOCATIONS, () -> {
			List<Thread> made = new ArrayList<>();
			CarelessKeepAlive keepAlive = new CarelessKeepAlive((task) -> worker(task, made));
			keepAlive.enter();
			finishAndStart(keepAlive::leave, keepAlive::enter);
			keepAlive.end();
			joinAll(made);
			require(keepAlive.farewells.afterTheEnd > 0, "a thread was there at the end");
		});
	}

	private static void finishAndStart(Runnable finish, Runnable start) {
		together(finish, start);
	}

	private static Thread worker(Runnable task, List<Thread> made) {
		Thread thread = new Worker(task, Collections.synchronizedList(new ArrayList<>()));
		synchronized (made) {
			made.add(thread);
		}
		return thread;
	}

	/**
	 * Of two that were made at once one is not started. Nobody waits for that one, but
	 * the explorer would.
	 */
	private static void joinAll(List<Thread> threads) {
		for (Thread thread : threads) {
			if (thread.getState() != Thread.State.NEW) {
				join(thread);
			}
		}
	}

	// Two threads with one instance

	@Test
	void ofTwoWhoAddOneInstanceOneIsTheFirst() {
		explore(() -> {
			SeenInstances seen = new SeenInstances();
			addTwice(seen::add);
		});
	}

	@Test
	void aCarelessMemoryOfInstancesIsFound() {
		assertRaceIsFound(() -> {
			Set<Endpoint> seen = ConcurrentHashMap.newKeySet();
			addTwice((instance) -> {
				boolean fresh = !seen.contains(instance);
				seen.add(instance);
				return fresh;
			});
		});
	}

	private static void addTwice(Predicate<Endpoint> memory) {
		AtomicInteger fresh = new AtomicInteger();
		Endpoint instance = new Idle();
		Runnable add = () -> {
			if (memory.test(instance)) {
				fresh.incrementAndGet();
			}
		};
		together(add, add);
		require(fresh.get() == 1, "added once");
	}

	// One endpoint is removed, another is added, and others read

	@Test
	void g24AReaderSeesEachEndpointThatStaysOnceWhateverElseComesAndGoes() {
		EndpointSupervisor[] some = supervisors("a", "b", "stays", "comes");
		explore(() -> {
			EndpointRegistry registry = new EndpointRegistry();
			comeAndGo((added) -> registry.add(added.id(), added, null),
					(removed) -> registry.remove(removed.id(), removed),
					(seen) -> registry.inOrder().forEach(seen::add), some);
		});
	}

	@Test
	void aCarelessRegistryThatClosesAGapWhereOthersReadIsFound() {
		EndpointSupervisor[] some = supervisors("a", "b", "stays", "comes");
		assertRaceIsFound(() -> {
			CarelessRegistry registry = new CarelessRegistry();
			comeAndGo(registry::add, registry::remove, registry::read, some);
		});
	}

	@Test
	void g24OfTwoWhoTakeAnIdOneIsRefused() {
		EndpointSupervisor[] two = supervisors("tcp", "tcp");
		explore(() -> {
			EndpointRegistry registry = new EndpointRegistry();
			AtomicInteger refused = new AtomicInteger();
			Function<EndpointSupervisor, Runnable> add = (each) -> () -> {
				try {
					registry.add(each.id(), each, null);
				}
				catch (IllegalArgumentException taken) {
					refused.incrementAndGet();
				}
			};
			together(add.apply(two[0]), add.apply(two[1]));
			require(refused.get() == 1, "one is refused");
			require(registry.inOrder().count() == 1, "one is listed");
		});
	}

	/** The first two go, and the gaps are closed while the reader reads. */
	private static void comeAndGo(Consumer<EndpointSupervisor> add, Consumer<EndpointSupervisor> remove,
			Consumer<List<EndpointSupervisor>> read, EndpointSupervisor... some) {
		for (int i = 0; i < 3; i++) {
			add.accept(some[i]);
		}
		List<EndpointSupervisor> seen = new ArrayList<>();
		together(() -> {
			remove.accept(some[0]);
			remove.accept(some[1]);
			add.accept(some[3]);
		}, () -> read.accept(seen));
		int last = -1;
		for (EndpointSupervisor each : seen) {
			int place = List.of(some).indexOf(each);
			require(place > last, "nothing is seen twice, and all in their order");
			last = place;
		}
		require(seen.contains(some[2]), "what stays is seen");
		List<EndpointSupervisor> left = new ArrayList<>();
		read.accept(left);
		require(left.equals(List.of(some[2], some[3])), "what stays and what came");
	}

	private static EndpointSupervisor[] supervisors(String... ids) {
		AdmissionDesk desk = new AdmissionDesk(AdmissionSettings.DEFAULTS, List.of(), null, null, null, null,
				(id) -> null);
		BrokerServices services = new BrokerServices(new ManualTime(), null, null, null, null, null, null, null, 0,
				null, null, desk);
		return Stream.of(ids)
			.map((id) -> new EndpointSupervisor(id, Idle::new, EndpointOptions.defaults(), services))
			.toArray(EndpointSupervisor[]::new);
	}

	// The thread that finds the queue idle drains it

	@Test
	void noWorkIsLostAndNoTwoAreAtWork() {
		explore(() -> {
			Work work = new Work();
			WorkingQueue queue = new WorkingQueue(work, new SignalThread(new Threads(null), SignalThread.SLICE));
			handOver(() -> queue.submit(1), work);
		});
	}

	@Test
	void aCarelessHandOverIsFound() {
		assertRaceIsFound(() -> {
			Work work = new Work();
			CarelessHandOver careless = new CarelessHandOver(work);
			handOver(careless::submit, work);
		});
	}

	// A thread that has drained a slice hands the rest over

	@Test
	void noWorkIsLostWhereASliceEnds() {
		explore(() -> {
			WorkerThreads threads = new WorkerThreads();
			SignalThread signals = new SignalThread(threads, 1);
			signals.start();
			Work work = new Work();
			WorkingQueue queue = new WorkingQueue(work, signals);
			together(() -> queue.submit(1), () -> queue.submit(1));
			signals.close();
			threads.join();
			work.requireAllDone();
		});
	}

	@Test
	void noWorkIsLostThatIsOnlyLeft() {
		explore(() -> {
			WorkerThreads threads = new WorkerThreads();
			SignalThread signals = new SignalThread(threads, 1);
			signals.start();
			Work work = new Work();
			WorkingQueue queue = new WorkingQueue(work, signals);
			together(() -> queue.submit(1), () -> queue.leave(1));
			signals.close();
			threads.join();
			work.requireAllDone();
		});
	}

	@Test
	void noWorkIsLostThatIsLeftWhileTheThreadEnds() {
		explore(() -> {
			WorkerThreads threads = new WorkerThreads();
			SignalThread signals = new SignalThread(threads, 1);
			signals.start();
			Work work = new Work();
			WorkingQueue queue = new WorkingQueue(work, signals);
			together(() -> {
				queue.leave(1);
				queue.leave(1);
			}, signals::close);
			threads.join();
			work.requireAllDone();
		});
	}

	@Test
	void aCarelessSliceIsFound() {
		assertRaceIsFound(() -> {
			Work work = new Work();
			CarelessSlice careless = new CarelessSlice(work);
			together(careless::submit, careless::submit, careless::goOn);
			careless.goOn();
			work.requireAllDone();
		});
	}

	private static void handOver(Runnable submit, Work work) {
		together(submit, submit);
		work.requireAllDone();
	}

	// What waits is joined to what is asked for next

	@Test
	void g9NoRequestIsLostOrCarriedOutAfterTheOneThatReplacedIt() {
		AtomicInteger joined = new AtomicInteger();
		explore(4 * INVOCATIONS, () -> {
			Told told = new Told(Asked.REQUESTS);
			ask(new AskedQueue(told)::submit, told);
			joined.addAndGet(told.joined());
		});
		require(joined.get() > 0, "some were joined");
	}

	@Test
	void g9NoTerminationIsLostOrCarriedOutBeforeWhatWasAskedForFirst() {
		AtomicInteger joined = new AtomicInteger();
		explore(() -> {
			Told told = new Told(Asked.ENDS);
			ask(new AskedQueue(told)::submit, told);
			joined.addAndGet(told.joined());
		});
		require(joined.get() > 0, "some were joined");
	}

	@Test
	void aCarelessJoinThatLosesARequestIsFound() {
		assertRaceIsFound(() -> {
			Told told = new Told(Asked.REQUESTS);
			CarelessJoin careless = new CarelessJoin(told);
			ask(careless::put, told, careless::take);
		});
	}

	@Test
	void aCarelessTakeThatCarriesOutARequestAgainIsFound() {
		assertRaceIsFound(() -> {
			Told told = new Told(Asked.REQUESTS);
			CarelessTake careless = new CarelessTake(told);
			ask(careless::put, told, careless::take);
		});
	}

	@Test
	void aCarelessTerminationThatIsJoinedToOneFurtherBackIsFound() {
		assertRaceIsFound(() -> {
			Told told = new Told(Asked.ENDS);
			CarelessTermination careless = new CarelessTermination(told);
			ask(careless::put, told, careless::take);
		});
	}

	/** Two ask, each for one thing after another, and others take. */
	private static void ask(Consumer<Signal> put, Told told, Runnable... takers) {
		Asked asked = told.asked;
		List<Runnable> tasks = new ArrayList<>(List.of(takers));
		tasks.add(() -> asked.here.forEach(put));
		tasks.add(() -> asked.there.forEach(put));
		together(tasks.toArray(Runnable[]::new));
		for (Runnable taker : takers) {
			// What nobody has taken yet.
			taker.run();
		}
		told.requireMeaningful();
	}

	// One empties the list of a tick, another adds to it

	@Test
	void aTimerThatIsArmedWhileItsTickIsEmptiedIsStillThere() {
		explore(() -> {
			TimerQueue timers = new TimerQueue();
			TimerQueue.Armed leaves = new TimerQueue.Armed(() -> {
			});
			TimerQueue.Armed stays = new TimerQueue.Armed(() -> {
			});
			timers.add(leaves, 0);
			together(leaves::cancel, () -> timers.add(stays, 0));
			require(timers.pollDue(Long.MAX_VALUE / 4) == stays, "the one that was armed");
			require(timers.nextDeadline() == null, "and nothing else");
		});
	}

	@Test
	void aTickThatIsEmptiedWhileAnotherBecomesTheLatestIsGone() {
		explore(() -> {
			TimerQueue timers = new TimerQueue();
			TimerQueue.Armed leaves = new TimerQueue.Armed(() -> {
			});
			timers.add(leaves, 0);
			together(leaves::cancel, () -> timers.add(new TimerQueue.Armed(() -> {
			}), LATER));
			require(timers.nextDeadline() >= LATER, "nothing is due before");
		});
	}

	// One remembers, another reads

	@Test
	void aHistoryIsReadAsItWasAtOneMoment() {
		explore(() -> {
			CrashHistory history = new CrashHistory(2);
			history.add(CrashHistoryTests.crash(1));
			List<CrashEntry> read = new ArrayList<>();
			together(() -> {
				history.add(CrashHistoryTests.crash(2));
				history.add(CrashHistoryTests.crash(3));
				history.add(CrashHistoryTests.crash(4));
			}, () -> read.addAll(history.newestFirst()));
			long newest = read.get(0).summary().incarnation();
			require(read.size() == Math.min(2, newest), "as many as there were");
			require(read.get(read.size() - 1).summary().incarnation() == newest - read.size() + 1,
					"the ones before the newest");
		});
	}

	// One puts, one ends, one takes

	@Test
	void aNoteThatMeetsTheLastNotificationIsDeliveredInOrderOrRefused() {
		explore(() -> {
			Mailbox mailbox = new Mailbox(new NoOwner());
			List<Integer> read = new ArrayList<>();
			boolean[] put = new boolean[2];
			together(mailbox, () -> {
				put[0] = mailbox.put(Notification.note(() -> read.add(1)));
				put[1] = mailbox.put(Notification.note(() -> read.add(2)));
			}, () -> mailbox.put(Notification.last(() -> read.add(3))));
			List<Integer> inOrder = new ArrayList<>(read);
			require(inOrder.remove((Object) 3), "the last one is read");
			require(inOrder.equals(put[1] ? List.of(1, 2) : put[0] ? List.of(1) : List.of()), "read what was put");
		});
	}

	@Test
	void g13WhoMissesADropFindsItCounted() {
		explore(() -> {
			Mailbox mailbox = new Mailbox(new QuietOwner());
			List<Integer> read = new ArrayList<>();
			long[] lost = new long[1];
			together(mailbox, () -> {
				mailbox.put(Notification.crash(NotificationQueueTests.report("tcp", true), () -> read.add(1)));
				mailbox.put(Notification.crash(NotificationQueueTests.report("tcp", true), () -> {
					read.add(2);
					lost[0] = mailbox.lost();
				}));
				mailbox.put(Notification.last(() -> read.add(3)));
			});
			require(lost[0] == 3 - read.size(), "one lost or all read");
		});
	}

	@Test
	void aCarelessMailboxThatSleepsThroughANotificationIsFound() {
		assertRaceIsFound(() -> {
			CarelessMailbox mailbox = new CarelessMailbox();
			together(mailbox::take, mailbox::put);
		});
	}

	// How it is done

	private static void explore(Runnable scenario) {
		explore(INVOCATIONS, scenario);
	}

	private static void explore(int invocations, Runnable scenario) {
		Lincheck.runConcurrentTest(invocations, scenario);
	}

	private static void assertRaceIsFound(Runnable scenario) {
		assertRaceIsFound(INVOCATIONS, scenario);
	}

	private static void assertRaceIsFound(int invocations, Runnable scenario) {
		assertThatThrownBy(() -> explore(invocations, scenario)).satisfies(InterleavingTests::requireReport);
	}

	/**
	 * The explorer draws the interleaving that it has found while it makes its error.
	 * Version 3.7 fails at some of them (an index out of bounds in traceToTree): then
	 * what it throws instead comes from the constructor of the error.
	 */
	private static void requireReport(Throwable thrown) {
		String report = LincheckAssertionError.class.getName();
		assertThat(thrown.getClass().getName().equals(report) || Stream.of(thrown.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().equals(report) && frame.getMethodName().equals("<init>")))
			.as("a race is found: " + thrown)
			.isTrue();
	}

	private static void require(boolean holds, String what) {
		if (!holds) {
			throw new AssertionError("not so: " + what);
		}
	}

	/**
	 * Runs tasks on a thread each and waits for all. The static type of the threads must
	 * be Thread, or the explorer does not see that they are joined.
	 */
	private static void together(Runnable... tasks) {
		List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
		Thread[] threads = new Thread[tasks.length];
		for (int task = 0; task < tasks.length; task++) {
			threads[task] = new Worker(tasks[task], thrown);
		}
		for (Thread thread : threads) {
			thread.start();
		}
		for (Thread thread : threads) {
			join(thread);
		}
		if (!thrown.isEmpty()) {
			throw new AssertionError(thrown.get(0));
		}
	}

	private static void join(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException impossible) {
			throw new AssertionError(impossible);
		}
	}

	/**
	 * A thread that overrides run: on JDK 25 nothing is explored in the task of one that
	 * does not.
	 */
	private static final class Worker extends Thread {

		private final Runnable task;

		private final List<Throwable> thrown;

		Worker(Runnable task, List<Throwable> thrown) {
			this.task = task;
			this.thrown = thrown;
		}

		@Override
		public void run() {
			try {
				this.task.run();
			}
			catch (AssertionError broken) {
				this.thrown.add(broken);
			}
		}

	}

	private static final class Farewells implements KeepAlive.Farewell {

		/**
		 * Deliberately not volatile: there is one thread at a time that says farewell.
		 */
		private int whenIdle;

		private int afterTheEnd;

		private boolean busy;

		private boolean clash;

		@Override
		public void whenIdle() {
			begin();
			this.whenIdle++;
			this.busy = false;
		}

		@Override
		public void afterTheEnd() {
			begin();
			this.afterTheEnd++;
			this.busy = false;
		}

		private void begin() {
			this.clash |= this.busy;
			this.busy = true;
		}

	}

	/**
	 * Makes the thread for signals one that is explored.
	 */
	private static final class WorkerThreads extends Threads {

		private final List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());

		private Thread made;

		WorkerThreads() {
			super(null);
		}

		@Override
		Thread own(String name, Runnable task) {
			this.made = new Worker(task, this.thrown);
			return this.made;
		}

		void join() {
			try {
				this.made.join();
			}
			catch (InterruptedException impossible) {
				throw new AssertionError(impossible);
			}
		}

	}

	private static final class Work {

		/** Deliberately not volatile: two draining threads would lose one. */
		private int done;

		private boolean busy;

		private boolean clash;

		void once() {
			this.clash |= this.busy;
			this.busy = true;
			this.done++;
			this.busy = false;
		}

		void requireAllDone() {
			require(!this.clash, "one draining thread");
			require(this.done == 2, "all work is done");
		}

	}

	private static final class WorkingQueue extends SerialQueue<Integer, Runnable> {

		private final Work work;

		private final SignalThread signals;

		WorkingQueue(Work work, SignalThread signals) {
			this.work = work;
			this.signals = signals;
		}

		@Override
		SignalThread signals() {
			return this.signals;
		}

		@Override
		void run(Runnable followUp) {
			followUp.run();
		}

		@Override
		Runnable process(Integer unused) {
			this.work.once();
			return null;
		}

	}

	/**
	 * What two threads ask for, and what the machine may be told then: whatever comes of
	 * one order of all of it, if any that come one right after another are joined or not.
	 */
	private static final class Asked {

		/** That of a real endpoint, which depends on nothing else in it. */
		private static final BinaryOperator<Signal> JOIN = join();

		static final Asked REQUESTS = new Asked(List.of(new Signal.Restart(), new Signal.Start()),
				List.of(new Signal.Start(), new Signal.Stop()));

		static final Asked ENDS = new Asked(List.of(new Signal.AnnounceTermination()),
				List.of(new Signal.Terminate(), new Signal.Terminate(), new Signal.Stop(), new Signal.Terminate()));

		private final List<Signal> here;

		private final List<Signal> there;

		/** By identity, for two requests of a kind are equal. */
		private final Set<List<Integer>> meaningful = new HashSet<>();

		Asked(List<Signal> here, List<Signal> there) {
			this.here = here;
			this.there = there;
			merge(List.of(), here, there);
		}

		private static BinaryOperator<Signal> join() {
			Broker broker = Broker.create();
			broker.registerEndpointFactory("tcp", Idle::new);
			return new Insides(broker).registry().find("tcp")::join;
		}

		private void merge(List<Signal> begin, List<Signal> here, List<Signal> there) {
			if (here.isEmpty() && there.isEmpty()) {
				tell(List.of(), begin);
			}
			if (!here.isEmpty()) {
				merge(with(begin, here.subList(0, 1)), here.subList(1, here.size()), there);
			}
			if (!there.isEmpty()) {
				merge(with(begin, there.subList(0, 1)), here, there.subList(1, there.size()));
			}
		}

		/** The first one alone, then the first two joined, and so on. */
		private void tell(List<Signal> told, List<Signal> left) {
			if (left.isEmpty()) {
				this.meaningful.add(identities(told));
				return;
			}
			Signal joined = left.get(0);
			for (int next = 1; joined != null; next++) {
				tell(with(told, Requests.inOrder(joined)), left.subList(next, left.size()));
				joined = (next < left.size()) ? joinable(joined, left.get(next)) : null;
			}
		}

		/** For what requests are joined to see {@link RequestsTests}. */
		private static Signal joinable(Signal earlier, Signal later) {
			return earlier.equals(later) ? earlier : Requests.join(earlier, later);
		}

		private static List<Signal> with(List<Signal> some, List<Signal> more) {
			List<Signal> all = new ArrayList<>(some);
			all.addAll(more);
			return all;
		}

		private static List<Integer> identities(List<Signal> signals) {
			return signals.stream().map(System::identityHashCode).toList();
		}

	}

	/**
	 * What a machine is told. Deliberately neither thread-safe, for one at a time is at
	 * work, nor a list: each access is one more to explore.
	 */
	private static final class Told {

		private final Asked asked;

		private final Signal[] all = new Signal[16];

		private int count;

		Told(Asked asked) {
			this.asked = asked;
		}

		void tell(Signal signal) {
			this.all[this.count++] = signal;
		}

		int joined() {
			return this.asked.here.size() + this.asked.there.size() - this.count;
		}

		void requireMeaningful() {
			List<Signal> told = new ArrayList<>();
			for (int i = 0; i < this.count; i++) {
				told.addAll(Requests.inOrder(this.all[i]));
			}
			require(this.asked.meaningful.contains(Asked.identities(told)), "told what was asked for: " + told);
		}

	}

	private static final class AskedQueue extends SerialQueue<Signal, Runnable> {

		private final SignalThread signals = new SignalThread(new Threads(null), SignalThread.SLICE);

		private final Told told;

		AskedQueue(Told told) {
			this.told = told;
		}

		@Override
		Signal join(Signal earlier, Signal later) {
			return Asked.JOIN.apply(earlier, later);
		}

		@Override
		SignalThread signals() {
			return this.signals;
		}

		@Override
		void run(Runnable followUp) {
			followUp.run();
		}

		@Override
		Runnable process(Signal signal) {
			this.told.tell(signal);
			return null;
		}

	}

	private static final class Idle implements Endpoint {

		@Override
		public void listenAndServe() {
			// Returns at once.
		}

		@Override
		public void close() {
			// Nothing to close.
		}

	}

	private static final class NoOwner implements Mailbox.Owner {

		@Override
		public void beginsToLose() {
			throw new AssertionError("nothing is lost");
		}

		@Override
		public void hasLost(long notifications) {
			throw new AssertionError("nothing was lost");
		}

		@Override
		public void threw(Throwable thrown) {
			throw new AssertionError(thrown);
		}

	}

	private static final class QuietOwner implements Mailbox.Owner {

		@Override
		public void beginsToLose() {
			// Nobody to tell.
		}

		@Override
		public void hasLost(long notifications) {
			// Nobody to tell.
		}

		@Override
		public void threw(Throwable thrown) {
			throw new AssertionError(thrown);
		}

	}

	/**
	 * Looks, then acts.
	 */
	private static final class CarelessReferences {

		private final AtomicInteger count = new AtomicInteger(1);

		private final AtomicInteger empty;

		CarelessReferences(AtomicInteger empty) {
			this.empty = empty;
		}

		boolean retain() {
			if (this.count.get() > 0) {
				this.count.incrementAndGet();
				return true;
			}
			return false;
		}

		void release() {
			if (this.count.decrementAndGet() == 0) {
				this.empty.incrementAndGet();
			}
		}

	}

	/**
	 * Looks whether there is a reason to stay, then says that it goes, and does not look
	 * again.
	 */
	private static final class CarelessKeepAlive {

		private final AtomicInteger reasons = new AtomicInteger();

		private final Farewells farewells = new Farewells();

		private final Function<Runnable, Thread> maker;

		private volatile Thread thread;

		private volatile boolean over;

		CarelessKeepAlive(Function<Runnable, Thread> maker) {
			this.maker = maker;
		}

		void enter() {
			if (this.reasons.getAndIncrement() == 0 && this.thread == null) {
				Thread made = this.maker.apply(this::stay);
				this.thread = made;
				made.start();
			}
		}

		void leave() {
			this.reasons.decrementAndGet();
			LockSupport.unpark(this.thread);
		}

		void end() {
			this.over = true;
			LockSupport.unpark(this.thread);
		}

		private void stay() {
			while (this.reasons.get() > 0 && !this.over) {
				LockSupport.park(this);
			}
			if (this.over) {
				this.farewells.afterTheEnd();
			}
			else {
				this.farewells.whenIdle();
			}
			this.thread = null;
		}

	}

	/**
	 * Goes home in the moment between the last look at the queue and the flag.
	 */
	private static final class CarelessHandOver {

		private final Queue<Integer> queue = new ConcurrentLinkedQueue<>();

		private final Work work;

		private volatile boolean busy;

		CarelessHandOver(Work work) {
			this.work = work;
		}

		void submit() {
			this.queue.add(1);
			if (!this.busy) {
				this.busy = true;
				while (this.queue.poll() != null) {
					this.work.once();
				}
				this.busy = false;
			}
		}

	}

	/**
	 * Moves the endpoints after a removed one within the array that others read.
	 */
	private static final class CarelessRegistry {

		private final EndpointSupervisor[] all = new EndpointSupervisor[8];

		private volatile int size;

		synchronized void add(EndpointSupervisor added) {
			this.all[this.size] = added;
			this.size++;
		}

		synchronized void remove(EndpointSupervisor removed) {
			int place = List.of(Arrays.copyOf(this.all, this.size)).indexOf(removed);
			System.arraycopy(this.all, place + 1, this.all, place, this.size - place - 1);
			this.size--;
		}

		void read(List<EndpointSupervisor> seen) {
			for (int i = 0; i < this.size; i++) {
				seen.add(this.all[i]);
			}
		}

	}

	/**
	 * Declares the queue idle before the rest is handed over.
	 */
	private static final class CarelessSlice {

		private final Queue<Integer> queue = new ConcurrentLinkedQueue<>();

		private final AtomicBoolean busy = new AtomicBoolean();

		private final Work work;

		CarelessSlice(Work work) {
			this.work = work;
		}

		void submit() {
			this.queue.add(1);
			if (this.busy.compareAndSet(false, true)) {
				workOnOne();
				this.busy.set(false);
			}
		}

		/** What was handed over is drained, though another thread may drain meanwhile. */
		void goOn() {
			workOnOne();
		}

		private void workOnOne() {
			if (this.queue.poll() != null) {
				this.work.once();
			}
		}

	}

	/**
	 * Looks what waits, joins, and puts it back, whether or not it was taken meanwhile.
	 */
	private static final class CarelessJoin {

		private final AtomicReference<Signal> waits = new AtomicReference<>();

		private final Told told;

		CarelessJoin(Told told) {
			this.told = told;
		}

		void put(Signal signal) {
			Signal seen = this.waits.get();
			this.waits.set((seen != null) ? Asked.JOIN.apply(seen, signal) : signal);
		}

		void take() {
			Signal next = this.waits.getAndSet(null);
			if (next != null) {
				this.told.tell(next);
			}
		}

	}

	/**
	 * Carries out what waits before it takes it, so something may be joined to it then.
	 */
	private static final class CarelessTake {

		private final AtomicReference<Signal> waits = new AtomicReference<>();

		private final Told told;

		CarelessTake(Told told) {
			this.told = told;
		}

		void put(Signal signal) {
			this.waits.accumulateAndGet(signal, (seen, more) -> (seen != null) ? Asked.JOIN.apply(seen, more) : more);
		}

		void take() {
			Signal next = this.waits.get();
			if (next != null) {
				this.told.tell(next);
				this.waits.compareAndSet(next, null);
			}
		}

	}

	/**
	 * Thinks that a termination which waits stands for the next one, whatever was asked
	 * for between the two.
	 */
	private static final class CarelessTermination {

		private final Queue<Signal> waiting = new ConcurrentLinkedQueue<>();

		private final Told told;

		CarelessTermination(Told told) {
			this.told = told;
		}

		void put(Signal signal) {
			if (!(signal instanceof Signal.Terminate) || !this.waiting.contains(signal)) {
				this.waiting.add(signal);
			}
		}

		void take() {
			for (Signal next = this.waiting.poll(); next != null; next = this.waiting.poll()) {
				this.told.tell(next);
			}
		}

	}

	/**
	 * Looks for a notification before it takes the lock under which it sleeps.
	 */
	private static final class CarelessMailbox {

		private final Queue<Integer> notifications = new ArrayDeque<>();

		void put() {
			synchronized (this) {
				this.notifications.add(1);
				notifyAll();
			}
		}

		void take() {
			boolean empty;
			synchronized (this) {
				empty = this.notifications.isEmpty();
			}
			synchronized (this) {
				if (empty) {
					try {
						wait();
					}
					catch (InterruptedException impossible) {
						throw new AssertionError(impossible);
					}
				}
			}
		}

	}

}
