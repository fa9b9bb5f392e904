package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Order without a thread of its own. Its races are explored by {@link InterleavingTests}.
 */
class WorkQueueTests {

	private final List<String> done = new ArrayList<>();

	@Test
	void whatIsSubmittedAtWorkIsDoneAfterwardsInOrder() {
		WorkQueue<String, Runnable> queue = new WorkQueue<>() {
			@Override
			void run(Runnable errand) {
				errand.run();
			}

			@Override
			Runnable work(String work) {
				if (work.equals("first")) {
					submit("second");
					submit("third");
				}
				WorkQueueTests.this.done.add(work);
				return null;
			}
		};
		queue.submit("first");
		assertThat(this.done).containsExactly("first", "second", "third");
	}

	@Test
	void whatCannotBeDoneKeepsNothingElseFromBeingDone() {
		WorkQueue<String, Runnable> queue = new WorkQueue<>() {
			@Override
			void run(Runnable errand) {
				errand.run();
			}

			@Override
			Runnable work(String work) {
				if (work.equals("broken")) {
					throw new OutOfMemoryError("not now");
				}
				WorkQueueTests.this.done.add(work);
				return null;
			}
		};
		queue.submit("broken");
		queue.submit("sound");
		assertThat(this.done).containsExactly("sound");
	}

	@Test
	void errandsAreRunInOrderTheLastOneWhenNobodyIsAtWork() {
		WorkQueue<String, Runnable> queue = new WorkQueue<>() {
			@Override
			void run(Runnable errand) {
				errand.run();
			}

			@Override
			Runnable work(String work) {
				if (work.equals("first")) {
					submit("second");
				}
				WorkQueueTests.this.done.add(work);
				return () -> {
					WorkQueueTests.this.done.add("errand of " + work);
					if (work.equals("second")) {
						// Done at once, and not left for later: nobody is at work.
						submit("third");
						WorkQueueTests.this.done.add("after the third");
					}
				};
			}
		};
		queue.submit("first");
		assertThat(this.done).containsExactly("first", "second", "errand of first", "errand of second", "third",
				"errand of third", "after the third");
	}

	@Test
	void anErrandThatFailsKeepsNothingElseFromBeingDone() {
		WorkQueue<String, Runnable> queue = new WorkQueue<>() {
			@Override
			void run(Runnable errand) {
				errand.run();
			}

			@Override
			Runnable work(String work) {
				WorkQueueTests.this.done.add(work);
				return () -> {
					throw new OutOfMemoryError("no thread");
				};
			}
		};
		queue.submit("first");
		queue.submit("second");
		assertThat(this.done).containsExactly("first", "second");
	}

}
