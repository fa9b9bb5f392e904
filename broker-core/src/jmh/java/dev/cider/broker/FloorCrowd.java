package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * What must be done at the least: a thread for each endpoint, named as ours are, that
 * replaces what crashes, and a thread for each close. No states, no limits, no reports,
 * no errors of anybody are thought of.
 */
abstract class FloorCrowd extends Crowd {

	private final ThreadFactory threads;

	/** Bodies, and later closes, that have not ended. */
	private volatile CountDownLatch running = new CountDownLatch(0);

	private Cell[] board = new Cell[0];

	FloorCrowd(String[] ids, ThreadKind kind) {
		super(ids);
		this.threads = kind.factory();
	}

	/** Makes all states visible from now on, which a bare loop does not need. */
	final void showAll() {
		this.board = new Cell[size()];
		for (int i = 0; i < size(); i++) {
			this.board[i] = new Cell();
		}
	}

	/** The whole life of an endpoint, or of an instance of it, on its thread. */
	abstract void live(int i, long incarnation);

	/**
	 * One instance.
	 * @return whether it crashed
	 */
	final boolean serve(int i, long incarnation) {
		Idler made = create(i);
		if (this.board.length > 0) {
			this.board[i].shown = new Shown(this.ids[i], incarnation);
		}
		try {
			made.listenAndServe();
			return false;
		}
		catch (Exception crash) {
			made.close();
			return true;
		}
	}

	final void launch(int i, long incarnation) {
		launch("broker-" + this.ids[i] + "-" + incarnation, () -> live(i, incarnation));
	}

	private void launch(String name, Runnable task) {
		Thread thread = this.threads.newThread(task);
		thread.setName(name);
		thread.start();
	}

	final void ended() {
		this.running.countDown();
	}

	@Override
	void register() {
		this.running = new CountDownLatch(2 * size());
	}

	@Override
	void start() {
		for (int i = 0; i < size(); i++) {
			launch(i, 1);
		}
	}

	@Override
	void stop() {
		for (Idler idler : this.idlers) {
			launch(idler.threadName() + "-close", () -> {
				idler.close();
				ended();
			});
		}
		try {
			if (!this.running.await(10, TimeUnit.MINUTES)) {
				throw new Snag("did not end: " + this.running.getCount());
			}
		}
		catch (InterruptedException interrupted) {
			throw new Snag("interrupted");
		}
	}

	@Override
	Object look(int i) {
		return this.board[i].shown;
	}

	@Override
	Object list() {
		return copy((i) -> this.board[i].shown);
	}

	private Shown[] copy(IntFunction<Shown> shown) {
		Shown[] copy = new Shown[size()];
		for (int i = 0; i < copy.length; i++) {
			copy[i] = shown.apply(i);
		}
		return copy;
	}

	/** One thread per endpoint, for good. */
	static final class Loop extends FloorCrowd {

		Loop(String[] ids, ThreadKind kind) {
			super(ids, kind);
		}

		@Override
		void live(int i, long incarnation) {
			long next = incarnation;
			while (serve(i, next)) {
				next++;
			}
			ended();
		}

	}

	/** A thread of its own for each incarnation. */
	static final class Fresh extends FloorCrowd {

		Fresh(String[] ids, ThreadKind kind) {
			super(ids, kind);
		}

		@Override
		void live(int i, long incarnation) {
			if (serve(i, incarnation)) {
				launch(i, incarnation + 1);
			}
			else {
				ended();
			}
		}

	}

	private record Shown(String id, long incarnation) {
	}

	private static final class Cell {

		private volatile Shown shown = new Shown("", 0);

	}

}
