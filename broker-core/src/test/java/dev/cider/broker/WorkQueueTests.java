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
		List<WorkQueue<String>> itself = new ArrayList<>();
		WorkQueue<String> queue = new WorkQueue<>((work) -> {
			if (work.equals("first")) {
				itself.get(0).submit("second");
				itself.get(0).submit("third");
			}
			this.done.add(work);
		});
		itself.add(queue);
		queue.submit("first");
		assertThat(this.done).containsExactly("first", "second", "third");
	}

	@Test
	void whatCannotBeDoneKeepsNothingElseFromBeingDone() {
		WorkQueue<String> queue = new WorkQueue<>((work) -> {
			if (work.equals("broken")) {
				throw new OutOfMemoryError("not now");
			}
			this.done.add(work);
		});
		queue.submit("broken");
		queue.submit("sound");
		assertThat(this.done).containsExactly("sound");
	}

}
