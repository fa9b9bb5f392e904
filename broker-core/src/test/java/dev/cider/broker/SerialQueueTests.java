package dev.cider.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Order without a thread of its own, and without a caller who works for others without
 * bound (G9). Its races are explored by {@link InterleavingTests}.
 */
class SerialQueueTests {

	private static final int SLICE = 4;

	private final List<String> done = Collections.synchronizedList(new ArrayList<>());

	private final SignalThread signals = new SignalThread(new Threads(null), SLICE);

	@BeforeEach
	void start() {
		this.signals.start();
	}

	@AfterEach
	void end() {
		this.signals.close();
	}

	@Test
	void whatIsSubmittedAtWorkIsDoneAfterwardsInOrder() {
		Queue queue = new Queue() {
			@Override
			Runnable process(String item) {
				if (item.equals("first")) {
					submit("second");
					submit("third");
				}
				return super.process(item);
			}
		};
		queue.submit("first");
		assertThat(this.done).containsExactly("first", "second", "third");
	}

	@Test
	void whatCannotBeDoneKeepsNothingElseFromBeingDone() {
		Queue queue = new Queue() {
			@Override
			Runnable process(String item) {
				if (item.equals("broken")) {
					throw new OutOfMemoryError("not now");
				}
				return super.process(item);
			}
		};
		queue.submit("broken");
		queue.submit("sound");
		assertThat(this.done).containsExactly("sound");
	}

	@Test
	void followUpsAreRunInOrderTheLastOneWhenTheQueueIsIdle() {
		Queue queue = new Queue() {
			@Override
			Runnable process(String item) {
				if (item.equals("first")) {
					submit("second");
				}
				super.process(item);
				return () -> {
					SerialQueueTests.this.done.add("follow-up of " + item);
					if (item.equals("second")) {
						// Done at once, and not left for later: the queue is idle.
						submit("third");
						SerialQueueTests.this.done.add("after the third");
					}
				};
			}
		};
		queue.submit("first");
		assertThat(this.done).containsExactly("first", "second", "follow-up of first", "follow-up of second", "third",
				"follow-up of third", "after the third");
	}

	@Test
	void aFollowUpTaskThatFailsKeepsNoItemFromBeingProcessed() {
		Queue queue = new Queue() {
			@Override
			Runnable process(String item) {
				super.process(item);
				return () -> {
					throw new OutOfMemoryError("no thread");
				};
			}
		};
		queue.submit("first");
		queue.submit("second");
		assertThat(this.done).containsExactly("first", "second");
	}

	// G9: nobody works for others without bound

	@Test
	void g9WhoSubmitsWorksOnASliceAndNoMore() {
		Flooded queue = new Flooded(3 * SLICE);
		queue.submit("0");
		assertThat(queue.doneBy(Thread.currentThread())).isEqualTo(SLICE);
		Waiting.until(() -> this.done.size() == 3 * SLICE);
		assertThat(this.done)
			.containsExactlyElementsOf(IntStream.range(0, 3 * SLICE).mapToObj(String::valueOf).toList());
		assertThat(queue.doneBy(SignalThread.NAME)).isEqualTo(2 * SLICE);
	}

	@Test
	void g9WhoOnlyLeavesNeverWorks() {
		Flooded queue = new Flooded(SLICE);
		queue.leave("0");
		Waiting.until(() -> this.done.size() == SLICE);
		assertThat(queue.doneBy(SignalThread.NAME)).isEqualTo(SLICE);
	}

	@Test
	void g9OneThatIsFloodedKeepsNoOtherFromItsTurn() {
		CountDownLatch other = new CountDownLatch(1);
		Queue flooded = new Queue() {
			@Override
			Runnable process(String item) {
				if (other.getCount() > 0) {
					submit("again");
				}
				return super.process(item);
			}
		};
		flooded.leave("first");
		new Queue() {
			@Override
			Runnable process(String item) {
				other.countDown();
				return null;
			}
		}.leave("other");
		Waiting.on(other);
		Waiting.until(flooded::isIdle);
	}

	@Test
	void aFollowUpTaskDoesNotWaitForTheEndOfAFlood() {
		CountDownLatch followUp = new CountDownLatch(1);
		Queue flooded = new Queue() {
			@Override
			Runnable process(String item) {
				if (followUp.getCount() > 0) {
					submit("again");
				}
				return item.equals("first") ? followUp::countDown : null;
			}
		};
		flooded.submit("first");
		Waiting.on(followUp);
		Waiting.until(flooded::isIdle);
	}

	@Test
	void whoFindsNobodyToHandOverToWorksOn() {
		this.signals.close();
		Waiting.until(() -> !isTaken());
		Flooded submitted = new Flooded(3 * SLICE);
		submitted.submit("0");
		assertThat(submitted.doneBy(Thread.currentThread())).isEqualTo(3 * SLICE);
		Flooded left = new Flooded(2 * SLICE);
		left.leave("0");
		assertThat(left.doneBy(Thread.currentThread())).isEqualTo(2 * SLICE);
	}

	private boolean isTaken() {
		return this.signals.add(new SignalThread.Job() {
			@Override
			boolean runSlice() {
				return false;
			}
		});
	}

	@Test
	void aStrayInterruptKeepsTheThreadNeitherBusyNorFromItsWork() {
		Thread thread = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((each) -> each.getName().equals(SignalThread.NAME))
			.findFirst()
			.orElseThrow();
		thread.interrupt();
		Waiting.until(() -> !thread.isInterrupted());
		new Queue().leave("left");
		Waiting.until(() -> this.done.equals(List.of("left")));
	}

	private class Queue extends SerialQueue<String, Runnable> {

		@Override
		SignalThread signals() {
			return SerialQueueTests.this.signals;
		}

		@Override
		void run(Runnable followUp) {
			followUp.run();
		}

		@Override
		@Nullable Runnable process(String item) {
			SerialQueueTests.this.done.add(item);
			return null;
		}

		boolean isIdle() {
			return Insides.isIdle(this);
		}

	}

	/** Somebody leaves the next number whenever one is done, up to a last one. */
	private final class Flooded extends Queue {

		private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

		private final int count;

		Flooded(int count) {
			this.count = count;
		}

		@Override
		Runnable process(String item) {
			this.threads.add(Thread.currentThread());
			int next = Integer.parseInt(item) + 1;
			if (next < this.count) {
				submit(String.valueOf(next));
			}
			return super.process(item);
		}

		long doneBy(Thread thread) {
			return this.threads.stream().filter(thread::equals).count();
		}

		long doneBy(String thread) {
			return this.threads.stream().filter((each) -> each.getName().equals(thread)).count();
		}

	}

}
