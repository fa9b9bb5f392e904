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
 * How many letters wait, and in which order: the bounds of G13.
 */
class LettersTests {

	private final Letters letters = new Letters();

	private final List<String> read = new ArrayList<>();

	static EndpointCrashReport report(String id, boolean dropped) {
		RestartDecision decision = dropped ? new RestartDecision.Drop(null, 3, "drop")
				: new RestartDecision.Restart(Duration.ZERO, 1, "restart at once");
		return new EndpointCrashReport(id, dropped, new IllegalStateException("boom"), 1, CrashPhase.SERVE,
				Instant.EPOCH, Duration.ZERO, 1, decision);
	}

	private Letter change(String what) {
		return Letter.change(() -> this.read.add(what));
	}

	private Letter crash(String what) {
		return Letter.crash(report("tcp", false), () -> this.read.add(what));
	}

	private Letter drop(String id, String what) {
		return Letter.crash(report(id, true), () -> this.read.add(what));
	}

	private Letter note(String what) {
		return Letter.note(() -> this.read.add(what));
	}

	/** As a mailbox does it; {@code true} if nothing was lost. */
	private boolean add(Letter letter) {
		Letter tooMany = this.letters.add(letter);
		boolean lost = tooMany != null && tooMany.empty();
		if (lost) {
			this.letters.sweep();
		}
		return !lost;
	}

	private List<String> readAll() {
		this.read.clear();
		for (Letter letter = this.letters.poll(); letter != null; letter = this.letters.poll()) {
			letter.read();
		}
		return List.copyOf(this.read);
	}

	private void fill() {
		boolean complete = true;
		for (int i = 0; i < Letters.BOUND; i++) {
			complete &= add(change("change " + i));
			complete &= add(crash("crash " + i));
			complete &= add(note("note " + i));
		}
		assertThat(complete).isTrue();
	}

	@Test
	void g13TheBoundIs65536() {
		assertThat(Letters.BOUND).isEqualTo(65_536);
	}

	@Test
	void g13ExactlyTheBoundOfEachKindWaitsAndTheNewestIsLost() {
		fill();
		assertThat(add(change("lost"))).isFalse();
		assertThat(add(crash("lost"))).isFalse();
		assertThat(add(note("lost"))).isFalse();
		assertThat(readAll()).isEqualTo(IntStream.range(0, Letters.BOUND)
			.boxed()
			.flatMap((i) -> List.of("change " + i, "crash " + i, "note " + i).stream())
			.toList());
	}

	@Test
	void g13WhatWasTakenMakesRoomForOneOfItsKind() {
		fill();
		this.letters.poll();
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
		assertThat(add(Letter.last(() -> this.read.add("end")))).isTrue();
		assertThat(readAll()).hasSize(3 * Letters.BOUND + 3).endsWith("tcp dropped", "udp dropped", "end");
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
		assertThat(told).hasSize(2 + Letters.BOUND);
	}

	@Test
	void g13ADropThatTakesThePlaceOfAnotherIsALoss() {
		assertThat(add(drop("tcp", "one"))).isTrue();
		assertThat(add(drop("tcp", "two"))).isFalse();
	}

	@Test
	void g13ADropThatWasTakenIsNotReplacedByTheNext() {
		add(drop("tcp", "one"));
		this.letters.poll();
		assertThat(add(drop("tcp", "two"))).isTrue();
		assertThat(readAll()).containsExactly("two");
	}

	@Test
	void g13NothingThatIsLostOrWasTakenIsHeldInMemory() {
		fill();
		List<WeakReference<Object>> gone = new ArrayList<>();
		add(letter("tcp", gone));
		add(letter(null, gone));
		this.letters.poll();
		add(drop("tcp", "newer"));
		Waiting.until(() -> {
			System.gc();
			return gone.stream().allMatch((letter) -> letter.get() == null);
		});
		assertThat(add(change("one more"))).isTrue();
		assertThat(add(change("one too many"))).isFalse();
	}

	private static Letter letter(String dropped, List<WeakReference<Object>> gone) {
		Object content = new Object();
		gone.add(new WeakReference<>(content));
		return (dropped != null) ? Letter.crash(report(dropped, true), content::hashCode)
				: Letter.change(content::hashCode);
	}

	@Test
	void g15ManyDropsOfOneEndpointLeaveFewEnvelopesBehind() {
		for (int i = 0; i < 3 * Letters.BOUND; i++) {
			add(drop("tcp", "dropped"));
		}
		int envelopes = 0;
		while (this.letters.poll() != null) {
			envelopes++;
		}
		assertThat(envelopes).isLessThanOrEqualTo(Letters.BOUND + 1);
	}

	@Test
	void thereIsRoomAgainWhenHalfOfEachKindIsFreeAndNoDropWaits() {
		fill();
		int taken = 0;
		while (!this.letters.hasRoom()) {
			this.letters.poll();
			taken++;
		}
		assertThat(taken).isEqualTo(3 * Letters.BOUND / 2);
		add(drop("tcp", "dropped"));
		assertThat(this.letters.hasRoom()).isFalse();
		readAll();
		assertThat(this.letters.hasRoom()).isTrue();
	}

}
