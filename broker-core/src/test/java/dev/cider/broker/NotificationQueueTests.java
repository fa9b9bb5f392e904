package dev.cider.broker;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import dev.cider.broker.restart.RestartDecision;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many notifications wait, and in which order: the bounds of G13.
 */
class NotificationQueueTests {

	private final NotificationQueue notifications = new NotificationQueue();

	private final List<String> told = new ArrayList<>();

	static EndpointCrashReport report(String id, boolean dropped) {
		RestartDecision decision = dropped ? new RestartDecision.Drop(null, 3, "drop")
				: new RestartDecision.Restart(Duration.ZERO, 1, "restart at once");
		return new EndpointCrashReport(id, dropped, new IllegalStateException("boom"), 1, CrashPhase.SERVE,
				Instant.EPOCH, Duration.ZERO, 1, decision);
	}

	private Notification change(String what) {
		return Notification.change(() -> this.told.add(what));
	}

	private Notification crash(String what) {
		return Notification.crash(report("tcp", false), () -> this.told.add(what));
	}

	private Notification drop(String id, String what) {
		return Notification.crash(report(id, true), () -> this.told.add(what));
	}

	private Notification note(String what) {
		return Notification.note(() -> this.told.add(what));
	}

	/** As a mailbox does it; {@code true} if nothing was lost. */
	private boolean add(Notification notification) {
		Notification tooMany = this.notifications.add(notification);
		boolean lost = tooMany != null && tooMany.discard();
		if (lost) {
			this.notifications.sweep();
		}
		return !lost;
	}

	private List<String> readAll() {
		this.told.clear();
		for (Notification notification = this.notifications
			.poll(); notification != null; notification = this.notifications.poll()) {
			notification.deliver();
		}
		return List.copyOf(this.told);
	}

	private void fill() {
		boolean complete = true;
		for (int i = 0; i < NotificationQueue.BOUND; i++) {
			complete &= add(change("change " + i));
			complete &= add(crash("crash " + i));
			complete &= add(note("note " + i));
		}
		assertThat(complete).isTrue();
	}

	@Test
	void g13TheBoundIs65536() {
		assertThat(NotificationQueue.BOUND).isEqualTo(65_536);
	}

	@Test
	void g13ExactlyTheBoundOfEachKindWaitsAndTheNewestIsLost() {
		fill();
		assertThat(add(change("lost"))).isFalse();
		assertThat(add(crash("lost"))).isFalse();
		assertThat(add(note("lost"))).isFalse();
		assertThat(readAll()).isEqualTo(IntStream.range(0, NotificationQueue.BOUND)
			.boxed()
			.flatMap((i) -> List.of("change " + i, "crash " + i, "note " + i).stream())
			.toList());
	}

	@Test
	void g13WhatWasTakenMakesRoomForOneOfItsKind() {
		fill();
		this.notifications.poll();
		assertThat(add(crash("lost"))).isFalse();
		assertThat(add(change("new"))).isTrue();
		assertThat(add(change("lost"))).isFalse();
		assertThat(readAll()).last().isEqualTo("new");
	}

	@Test
	void g13DropsAndTheEndGoBeyondTheBound() {
		fill();
		assertThat(add(drop("tcp", "tcp dropped"))).isTrue();
		assertThat(add(drop("udp", "udp dropped"))).isTrue();
		assertThat(add(Notification.last(() -> this.told.add("end")))).isTrue();
		assertThat(readAll()).hasSize(3 * NotificationQueue.BOUND + 3).endsWith("tcp dropped", "udp dropped", "end");
	}

	@Test
	void g13OfManyDropsOfOneEndpointOneWaitsTheNewestAtItsOwnPlace() {
		add(change("before"));
		add(drop("tcp", "tcp dropped 0"));
		add(drop("udp", "udp dropped"));
		for (int i = 1; i < 100_000; i++) {
			add(change("between"));
			add(drop("tcp", "tcp dropped " + i));
		}
		List<String> told = readAll();
		assertThat(told).startsWith("before", "udp dropped", "between").endsWith("between", "tcp dropped 99999");
		assertThat(told).hasSize(2 + NotificationQueue.BOUND);
	}

	@Test
	void g13ADropThatTakesThePlaceOfAnotherIsALoss() {
		assertThat(add(drop("tcp", "one"))).isTrue();
		assertThat(add(drop("tcp", "two"))).isFalse();
	}

	@Test
	void g13ADropThatWasTakenIsNotReplacedByTheNext() {
		add(drop("tcp", "one"));
		this.notifications.poll();
		assertThat(add(drop("tcp", "two"))).isTrue();
		assertThat(readAll()).containsExactly("two");
	}

	@Test
	void g13NothingThatIsLostOrWasTakenIsHeldInMemory() {
		fill();
		List<WeakReference<Object>> gone = new ArrayList<>();
		add(notification("tcp", gone));
		add(notification(null, gone));
		this.notifications.poll();
		add(drop("tcp", "newer"));
		Waiting.until(() -> {
			System.gc();
			return gone.stream().allMatch((notification) -> notification.get() == null);
		});
		assertThat(add(change("one more"))).isTrue();
		assertThat(add(change("one too many"))).isFalse();
	}

	private static Notification notification(String dropped, List<WeakReference<Object>> gone) {
		Object content = new Object();
		gone.add(new WeakReference<>(content));
		return (dropped != null) ? Notification.crash(report(dropped, true), content::hashCode)
				: Notification.change(content::hashCode);
	}

	@Test
	void g15ManyDropsOfOneEndpointLeaveFewTombstonesBehind() {
		for (int i = 0; i < 3 * NotificationQueue.BOUND; i++) {
			add(drop("tcp", "dropped"));
		}
		int tombstones = 0;
		while (this.notifications.poll() != null) {
			tombstones++;
		}
		assertThat(tombstones).isLessThanOrEqualTo(NotificationQueue.BOUND + 1);
	}

	@Test
	void thereIsRoomAgainWhenHalfOfEachKindIsFreeAndNoDropWaits() {
		fill();
		int taken = 0;
		while (!this.notifications.hasRoom()) {
			this.notifications.poll();
			taken++;
		}
		assertThat(taken).isEqualTo(3 * NotificationQueue.BOUND / 2);
		add(drop("tcp", "dropped"));
		assertThat(this.notifications.hasRoom()).isFalse();
		readAll();
		assertThat(this.notifications.hasRoom()).isTrue();
	}

}
