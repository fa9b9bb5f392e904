package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Single decisions of the {@link Admissions} (G25) that random worlds seldom come to.
 */
class AdmissionsTests {

	private static final Duration INTERVAL = Duration.ofSeconds(2);

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final Admissions admissions = new Admissions(new AdmissionSettings(INTERVAL, TIMEOUT, true, 0), List.of());

	private final GateWatch db = new GateWatch("health/db", () -> null);

	private final GateWatch cache = new GateWatch("endpoint/cache", new ServingGate("cache"));

	private final GateWatch once = new GateWatch("depends-on/cache", new ServedGate("cache"));

	private Applicant join(GateWatch... gates) {
		Applicant feed = new Applicant("feed", List.of(gates), (signal) -> {
		});
		tell(new DeskSignal.Joined(feed, true));
		return feed;
	}

	private List<DeskAction> tell(DeskSignal signal) {
		this.admissions.on(signal, Moment.of(0, Instant.EPOCH));
		List<DeskAction> actions = new ArrayList<>();
		for (DeskAction next = this.admissions.poll(); next != null; next = this.admissions.poll()) {
			actions.add(next);
		}
		return actions;
	}

	@Test
	void g25AnEndpointThatIsLaunchedWhileTheOtherLeavesIsEvicted() {
		Applicant feed = join(this.cache);
		tell(new DeskSignal.Moved("cache", EndpointState.SERVING, 1, true, false));
		assertThat(tell(new DeskSignal.Asked("feed", 1, false)))
			.contains(new DeskAction.Tell(feed, new Signal.Admit(1)));
		assertThat(tell(new DeskSignal.Moved("cache", EndpointState.CLOSING, 1, true, false)))
			.as("nothing is known to live")
			.isEmpty();
		assertThat(tell(new DeskSignal.Moved("feed", EndpointState.STARTING, 1, false, false)))
			.containsExactly(new DeskAction.Tell(feed, new Signal.Evict(1)));
	}

	@Test
	void g26WhatOpensOnceStaysOpenAndClosesNobody() {
		Applicant feed = join(this.once);
		tell(new DeskSignal.Asked("feed", 1, false));
		assertThat(tell(new DeskSignal.Moved("cache", EndpointState.SERVING, 1, true, false)))
			.containsExactly(new DeskAction.Tell(feed, new Signal.Admit(1)));
		tell(new DeskSignal.Moved("feed", EndpointState.SERVING, 1, true, false));
		assertThat(tell(new DeskSignal.Moved("cache", EndpointState.BACKOFF, 1, true, false))).isEmpty();
		assertThat(tell(new DeskSignal.Moved("cache", EndpointState.REGISTERED, 0, false, false)))
			.as("another of this id")
			.isEmpty();
		assertThat(tell(new DeskSignal.Asked("feed", 2, false)))
			.containsExactly(new DeskAction.Tell(feed, new Signal.Admit(2)));
		assertThat(this.once.shown().open()).isTrue();
	}

	@Test
	void g26WhatHasServedBeforeAnybodyDependedOnItHasServed() {
		Applicant feed = join(this.once);
		tell(new DeskSignal.Asked("feed", 1, false));
		assertThat(tell(new DeskSignal.Moved("cache", EndpointState.BACKOFF, 1, true, false)))
			.containsExactly(new DeskAction.Tell(feed, new Signal.Admit(1)));
	}

	@Test
	void g14AJvmThatStoodStillGivesAGateOneFreshWindow() {
		join(this.db);
		tell(new DeskSignal.Asked("feed", 1, false));
		long late = Duration.ofMinutes(1).toNanos();
		assertThat(tell(new DeskSignal.GateDue(this.db, this.db.timer, late)))
			.containsExactly(new DeskAction.ArmGate(this.db, this.db.timer, TIMEOUT));
		assertThat(this.db.shut).isNull();
		tell(new DeskSignal.GateDue(this.db, this.db.timer, late));
		assertThat(this.db.shut).contains("silent");
	}

	@Test
	void g9AGateThatNoThreadCouldAskIsNeitherOpenNorShut() {
		join(this.db);
		tell(new DeskSignal.Asked("feed", 1, false));
		assertThat(tell(new DeskSignal.NotAsked(this.db, 1)))
			.containsExactly(new DeskAction.ArmGate(this.db, this.db.timer, INTERVAL));
		assertThat(this.db.shown().open()).isTrue();
		assertThat(tell(new DeskSignal.GateDue(this.db, this.db.timer, 0)))
			.contains(new DeskAction.AskGate(this.db, 2));
	}

	@Test
	void g15WhatLeavesTakesItsGateWithItAndAnAnswerToNobodyIsHarmless() {
		Applicant feed = join(this.db, this.cache);
		tell(new DeskSignal.Asked("feed", 1, false));
		assertThat(tell(new DeskSignal.Left("feed"))).contains(new DeskAction.Forget(this.db),
				new DeskAction.Forget(this.cache));
		assertThat(tell(new DeskSignal.Answered(this.db, 1, null))).isEmpty();
		assertThat(tell(new DeskSignal.Moved("cache", EndpointState.SERVING, 1, true, false))).isEmpty();
		assertThat(feed.counted).isZero();
	}

	@Test
	void aGateThatIsAskedWhenAnotherJoinsHasALimitAgain() {
		join(this.db);
		tell(new DeskSignal.Asked("feed", 1, false));
		tell(new DeskSignal.Left("feed"));
		join(this.db);
		assertThat(tell(new DeskSignal.Asked("feed", 1, false)))
			.containsExactly(new DeskAction.ArmGate(this.db, this.db.timer, TIMEOUT));
	}

}
