package dev.cider.broker;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Threads, and all threads that wait for one of them without a time limit: in its
 * {@code join}, or for a lock that it holds. The JVM shows that for platform threads
 * only.
 */
final class WaitChain {

	private final List<Thread> threads;

	private WaitChain(List<Thread> threads) {
		this.threads = threads;
	}

	/**
	 * Finds the threads that wait at this moment. Can run user code of a Thread subclass.
	 * @param awaited the threads at the end of the chain
	 */
	static WaitChain of(List<Thread> awaited) {
		List<Thread> chain = new ArrayList<>(awaited);
		try {
			List<Waiting> waiting = waiting();
			// A thread that was checked before may wait for one that was found after it.
			while (waiting.removeIf((each) -> each.waitsForOneOf(chain) && chain.add(each.thread()))) {
				// Again, until a pass finds no thread.
			}
		}
		catch (Throwable untold) {
			// The JVM has no java.management, or the query failed.
		}
		return new WaitChain(chain);
	}

	private static List<Waiting> waiting() {
		List<Thread> threads = platformThreads();
		long[] ids = threads.stream().mapToLong(WaitChain::idOf).toArray();
		@Nullable ThreadInfo[] infos = ManagementFactory.getThreadMXBean().getThreadInfo(ids);
		List<Waiting> waiting = new ArrayList<>();
		for (int i = 0; i < ids.length; i++) {
			ThreadInfo info = infos[i];
			if (info != null && (info.getThreadState() == Thread.State.WAITING
					|| info.getThreadState() == Thread.State.BLOCKED)) {
				waiting.add(new Waiting(threads.get(i), info));
			}
		}
		return waiting;
	}

	/** Some that start or end meanwhile may be missing. */
	private static List<Thread> platformThreads() {
		ThreadGroup all = Thread.currentThread().getThreadGroup();
		for (ThreadGroup parent = all.getParent(); parent != null; parent = parent.getParent()) {
			all = parent;
		}
		Thread[] threads = new Thread[2 * all.activeCount() + 16];
		int count = all.enumerate(threads);
		return Arrays.asList(threads).subList(0, count);
	}

	@SuppressWarnings("deprecation") // its successor came with Java 19
	private static long idOf(Thread thread) {
		return thread.getId();
	}

	boolean includes(Thread thread) {
		return this.threads.stream().anyMatch((each) -> each == thread);
	}

	private record Waiting(Thread thread, ThreadInfo info) {

		/** A join waits on the monitor of the thread object. */
		boolean waitsForOneOf(List<Thread> others) {
			LockInfo waitsOn = this.info.getLockInfo();
			for (Thread other : others) {
				boolean joins = waitsOn != null && waitsOn.getIdentityHashCode() == System.identityHashCode(other)
						&& waitsOn.getClassName().equals(other.getClass().getName());
				if (joins || this.info.getLockOwnerId() == idOf(other)) {
					return true;
				}
			}
			return false;
		}

	}

}
