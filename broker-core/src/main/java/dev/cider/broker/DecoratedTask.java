package dev.cider.broker;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * Runs a task inside of what the user's thread decorator makes of it. The decorator is
 * user code: it may throw, hang or lie. It is called on the thread of the task.
 */
final class DecoratedTask implements Threads.Task {

	private final Threads.Task task;

	private final UnaryOperator<Runnable> decorator;

	/** Made early: when the task runs there may be no memory. */
	private final Given given;

	/** A ThreadFactory may run its task twice. */
	private final AtomicBoolean entered = new AtomicBoolean();

	DecoratedTask(Threads.Task task, UnaryOperator<Runnable> decorator) {
		this.task = task;
		this.decorator = decorator;
		this.given = new Given(task);
	}

	@Override
	public void run() {
		if (!this.entered.compareAndSet(false, true)) {
			return;
		}
		Given given = this.given;
		given.owner = Thread.currentThread();
		enter();
		try {
			decorate(given).run();
			if (!given.begun) {
				throw refusal("returned a task that did not run the one it was given", null);
			}
		}
		catch (Throwable thrown) {
			if (given.begun) {
				decoratorThrew(thrown);
			}
			else {
				refused(explained(thrown));
			}
		}
		finally {
			leave();
		}
	}

	private Throwable explained(Throwable thrown) {
		try {
			return (thrown instanceof Refusal) ? thrown : refusal("threw " + thrown.getClass().getName(), thrown);
		}
		catch (OutOfMemoryError noWords) {
			return thrown;
		}
	}

	private Runnable decorate(Runnable given) {
		@Nullable Runnable decorated = this.decorator.apply(given);
		if (decorated == null) {
			throw refusal("returned null", null);
		}
		return decorated;
	}

	private Refusal refusal(String what, @Nullable Throwable cause) {
		return new Refusal("The thread decorator " + what + " on thread " + threadName()
				+ ": it must return a task that runs the given one, once, on the same thread", cause);
	}

	@Override
	public String threadName() {
		return this.task.threadName();
	}

	@Override
	public boolean prefersVirtualThread() {
		return this.task.prefersVirtualThread();
	}

	@Override
	public void enter() {
		this.task.enter();
	}

	@Override
	public void leave() {
		this.task.leave();
	}

	@Override
	public void decoratorThrew(Throwable thrown) {
		this.task.decoratorThrew(thrown);
	}

	@Override
	public void refused(Throwable noThread) {
		this.task.refused(noThread);
	}

	@Override
	public void starved(Throwable noThread) {
		this.task.starved(noThread);
	}

	/**
	 * What the decorator is given.
	 */
	private static final class Given implements Runnable {

		private final Threads.Task task;

		private volatile @Nullable Thread owner;

		/** Only ever touched on the owner. */
		private boolean begun;

		Given(Threads.Task task) {
			this.task = task;
		}

		@Override
		public void run() {
			if (Thread.currentThread() != this.owner) {
				throw new IllegalStateException("The task of thread " + this.task.threadName()
						+ " must run on that thread: a thread decorator must not hand it to another one");
			}
			this.begun = true;
			this.task.run();
		}

	}

	/** What is wrong with the decorator. */
	private static final class Refusal extends IllegalStateException {

		private static final long serialVersionUID = 1L;

		Refusal(String message, @Nullable Throwable cause) {
			super(message, cause);
		}

	}

}
