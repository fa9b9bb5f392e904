package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a mailbox loses while its monitor is busy, and that it says so: G13.
 */
class MailboxTests {

	private final List<String> heard = new CopyOnWriteArrayList<>();

	private final Mailbox mailbox = new Mailbox(new Mailbox.Owner() {

		@Override
		public void beginsToLose() {
			MailboxTests.this.heard.add("begins to lose");
		}

		@Override
		public void hasLost(long notifications) {
			MailboxTests.this.heard.add("has lost " + notifications);
		}

		@Override
		public void threw(Throwable thrown) {
			MailboxTests.this.heard.add("threw " + thrown.getMessage());
		}

	});

	/** Touched by the reader, and by the test when the reader has ended. */
	private final List<Object> read = new ArrayList<>();

	private final CountDownLatch busy = new CountDownLatch(1);

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final Thread reader = new Thread(this.mailbox, "reader");

	@AfterEach
	void end() throws InterruptedException {
		this.goOn.countDown();
		this.mailbox.put(Notification.last(() -> {
		}));
		this.reader.join(Waiting.LIMIT.toMillis());
	}

	/** The monitor hangs in one call; from now on notifications wait. */
	private void readButHang() {
		this.mailbox.put(Notification.note(() -> {
			this.busy.countDown();
			Waiting.onDeaf(this.goOn);
		}));
		this.reader.start();
		Waiting.on(this.busy);
	}

	private void readToTheEnd() throws InterruptedException {
		this.mailbox.put(Notification.last(() -> this.read.add("end")));
		this.goOn.countDown();
		this.mailbox.awaitEmptied(System.nanoTime() + Waiting.LIMIT.toNanos());
		this.reader.join(Waiting.LIMIT.toMillis());
		assertThat(this.reader.isAlive()).isFalse();
	}

	private void putChanges(int count) {
		for (int i = 0; i < count; i++) {
			this.mailbox.put(Notification.change(() -> this.read.add("change")));
		}
	}

	private void putDrop(Object what) {
		this.mailbox.put(Notification.crash(NotificationQueueTests.report("tcp", true), () -> this.read.add(what)));
	}

	@Test
	void g13WhatIsLostIsCountedAndSaidOnceAtTheBeginningAndOnceWithTheNumber() throws Exception {
		readButHang();
		putChanges(NotificationQueue.BOUND);
		assertThat(this.mailbox.lost()).isZero();
		assertThat(this.heard).isEmpty();
		putChanges(1000);
		assertThat(this.mailbox.lost()).isEqualTo(1000);
		assertThat(this.heard).containsExactly("begins to lose");
		readToTheEnd();
		assertThat(this.heard).containsExactly("begins to lose", "has lost 1000");
		assertThat(this.read).hasSize(NotificationQueue.BOUND + 1).last().isEqualTo("end");
		assertThat(this.mailbox.lost()).isEqualTo(1000);
	}

	@Test
	void g13AHundredThousandDropsOfOneEndpointWaitAsOneTheNewestAndTheOthersAreCounted() throws Exception {
		readButHang();
		for (int i = 0; i < 100_000; i++) {
			putDrop(i);
		}
		assertThat(this.mailbox.lost()).isEqualTo(99_999);
		readToTheEnd();
		assertThat(this.read).containsExactly(99_999, "end");
		assertThat(this.heard).containsExactly("begins to lose", "has lost 99999");
	}

	@Test
	void g13ADropAndTheEndAreToldHoweverFullTheMailboxIs() throws Exception {
		readButHang();
		putChanges(2 * NotificationQueue.BOUND);
		putDrop("dropped");
		readToTheEnd();
		assertThat(this.read).hasSize(NotificationQueue.BOUND + 2).endsWith("dropped", "end");
	}

	@Test
	void g13WhatComesAfterTheEndIsNeitherToldNorCountedAsLost() throws Exception {
		readButHang();
		putChanges(NotificationQueue.BOUND);
		assertThat(this.mailbox.put(Notification.last(() -> this.read.add("end")))).isTrue();
		putChanges(1);
		assertThat(this.mailbox.put(Notification.last(() -> this.read.add("second end")))).isFalse();
		readToTheEnd();
		assertThat(this.read).hasSize(NotificationQueue.BOUND + 1).last().isEqualTo("end");
		assertThat(this.mailbox.lost()).isZero();
	}

	@Test
	void g13AThreadThatPutsNeitherWaitsNorDelivers() {
		readButHang();
		AtomicLong runs = new AtomicLong();
		for (int i = 0; i < 3 * NotificationQueue.BOUND; i++) {
			this.mailbox.put(Notification.note(runs::incrementAndGet));
		}
		assertThat(runs).hasValue(0);
	}

	@Test
	void g13OfWhatManyPutAtOnceAllIsToldInOrderOrCounted() throws Exception {
		int putters = 4;
		int each = 100_000;
		readButHang();
		CountDownLatch done = new CountDownLatch(putters);
		for (int putter = 0; putter < putters; putter++) {
			int number = putter;
			new Thread(() -> {
				for (int i = 0; i < each; i++) {
					int[] notification = { number, i };
					this.mailbox.put(Notification.change(() -> this.read.add(notification)));
					if (i == each / 2) {
						// From here on putters and the reader race.
						this.goOn.countDown();
					}
				}
				done.countDown();
			}, "putter-" + putter).start();
		}
		Waiting.on(done);
		readToTheEnd();
		this.read.remove("end");
		assertThat(this.read.size() + this.mailbox.lost()).isEqualTo((long) putters * each);
		int[] latest = { -1, -1, -1, -1 };
		for (Object entry : this.read) {
			int[] notification = (int[]) entry;
			assertThat(notification[1]).isGreaterThan(latest[notification[0]]);
			latest[notification[0]] = notification[1];
		}
		long said = this.heard.stream()
			.filter((line) -> line.startsWith("has lost "))
			.mapToLong((line) -> Long.parseLong(line.substring("has lost ".length())))
			.sum();
		assertThat(said).isEqualTo(this.mailbox.lost());
	}

	@Test
	void g13AMonitorThatThrowsMissesNothingElse() throws Exception {
		readButHang();
		this.mailbox.put(Notification.note(() -> {
			throw new LinkageError("broken");
		}));
		putChanges(1);
		readToTheEnd();
		assertThat(this.heard).containsExactly("threw broken");
		assertThat(this.read).containsExactly("change", "end");
	}

	@Test
	void anOwnerWhoseMemoryRunsOutCostsNoNotification() throws InterruptedException {
		CountDownLatch read = new CountDownLatch(1);
		Mailbox starving = new Mailbox(new Mailbox.Owner() {

			@Override
			public void beginsToLose() {
			}

			@Override
			public void hasLost(long notifications) {
				throw new OutOfMemoryError("for a test");
			}

			@Override
			public void threw(Throwable thrown) {
				throw new OutOfMemoryError("for a test");
			}

		});
		starving.put(Notification.note(() -> {
			throw new IllegalStateException("the monitor");
		}));
		for (int i = 0; i <= NotificationQueue.BOUND; i++) {
			starving.put(Notification.change(() -> {
			}));
		}
		starving.put(Notification.last(read::countDown));
		Thread reader = new Thread(starving, "starving");
		reader.setUncaughtExceptionHandler((thread, thrown) -> {
		});
		reader.start();
		reader.join(Waiting.LIMIT.toMillis());
		assertThat(read.getCount()).isZero();
	}

}
