package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Endpoints that come and go while the broker serves (G24).
 */
class AddAndRemoveTests {

	private static final EndpointOptions DEFAULTS = EndpointOptions.defaults();

	private static final EndpointOptions HASTY = EndpointOptions.builder().closeTimeout(Duration.ofMillis(5)).build();

	private static final EndpointOptions LATER = EndpointOptions.builder().autoStart(false).build();

	private final Broker broker = Broker.builder().keepServing(true).build();

	private final Puppets puppets = new Puppets();

	private final Puppets deaf = new Puppets(Puppet.Deaf::new);

	private final Diary diary = new Diary();

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	@AfterEach
	void letAllGo() {
		this.deaf.all.forEach((puppet) -> ((Puppet.Deaf) puppet).letGo());
	}

	private void serve() {
		this.broker.monitor(this.diary);
		this.broker.listenAndServe();
	}

	private Puppet add(String id) {
		this.broker.add(id, this.puppets, DEFAULTS);
		return this.puppets.next();
	}

	/** One that outlives its close timeout. */
	private Puppet.Deaf addDeaf(String id) {
		this.broker.add(id, this.deaf, HASTY);
		return (Puppet.Deaf) this.deaf.next();
	}

	private static void await(CompletableFuture<?> future) {
		try {
			future.get(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			throw new AssertionError(ex);
		}
	}

	private List<String> ids() {
		return this.broker.endpoints().stream().map(EndpointSnapshot::id).toList();
	}

	private void assertUnknown(String id) {
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.endpoint(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.history(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.start(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.stop(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.restart(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> this.broker.remove(id));
	}

	// Adding

	@Test
	void g24AnAddedEndpointIsLaunchedAtOnceAndListedLast() {
		this.broker.registerEndpointFactory("first", new Puppets());
		serve();
		add("second");
		Waiting.untilState(this.broker, "second", EndpointState.SERVING);
		assertThat(ids()).containsExactly("first", "second");
		assertThat(this.broker.endpoint("second").incarnation()).isEqualTo(1);
	}

	@Test
	void withoutAutoStartAnAddedEndpointWaitsForItsStart() {
		serve();
		this.broker.add("tcp", this.puppets, LATER);
		assertThat(this.broker.endpoint("tcp").state()).isEqualTo(EndpointState.REGISTERED);
		this.broker.start("tcp");
		this.puppets.next();
		assertThat(this.broker.endpoint("tcp").starts()).isEqualTo(1);
	}

	@Test
	void anAddedEndpointIsSupervisedAsAnyOther() {
		serve();
		add("tcp").crash();
		this.puppets.next();
		Waiting.until(() -> this.broker.endpoint("tcp").restarts() == 1);
		assertThat(this.broker.history("tcp")).hasSize(1);
		this.broker.close();
		assertThat(this.puppets.all).allMatch((puppet) -> puppet.closes.get() == 1);
	}

	@Test
	void aContextualFactoryIsAddedAsALambda() {
		serve();
		CountDownLatch created = new CountDownLatch(1);
		this.broker.add("tcp", (context) -> {
			assertThat(context.id()).isEqualTo("tcp");
			created.countDown();
			return new Puppet();
		}, DEFAULTS);
		Waiting.on(created);
	}

	@Test
	void aTakenOrBlankIdIsRefusedAndNothingIsLeft() {
		this.broker.registerEndpointFactory("registered", new Puppets());
		serve();
		add("added");
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.add("registered", this.puppets, DEFAULTS))
			.withMessage("Invalid endpoint id 'registered': a factory is already registered under it");
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.add("added", this.puppets, DEFAULTS));
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.add(" ", this.puppets, DEFAULTS));
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.add("tcp", this.puppets,
				EndpointOptions.builder().heartbeatTimeout(Duration.ofMinutes(1)).build()));
		assertThat(ids()).containsExactly("registered", "added");
		this.broker.close();
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
	}

	@Test
	void beforeTheBrokerServesAndAfterItsEndNothingIsAddedOrRemoved() {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.broker.add("udp", this.puppets, DEFAULTS))
			.withMessage("addition of endpoint 'udp' needs the state SERVING, but the state is INITIALISED");
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.remove("tcp"))
			.withMessage("removal of endpoint 'tcp' needs the state SERVING, but the state is INITIALISED");
		serve();
		this.broker.announceTermination();
		assertThatExceptionOfType(EndpointTerminatedException.class)
			.isThrownBy(() -> this.broker.add("udp", this.puppets, DEFAULTS));
		this.broker.close();
		assertThatExceptionOfType(EndpointTerminatedException.class)
			.isThrownBy(() -> this.broker.add("udp", this.puppets, DEFAULTS));
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.add("udp",
				this.puppets, DEFAULTS.toBuilder().waitFor("endpoint/cash", EndpointGate.serving("cash")).build()));
		assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> this.broker.remove("tcp"));
		assertThat(ids()).containsExactly("tcp");
	}

	/** G11, as in the original. */
	@Test
	void g11ARegistrationAfterTheStartStaysRefused() {
		serve();
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.broker.registerEndpointFactory("tcp", this.puppets));
	}

	// Removing

	@Test
	void g24ARemovedEndpointIsClosedAndThenForgotten() {
		this.broker.registerEndpointFactory("tcp", this.puppets);
		this.broker.registerEndpointFactory("udp", new Puppets());
		serve();
		Puppet puppet = this.puppets.next();
		await(this.broker.remove("tcp"));
		assertThat(puppet.closes).hasValue(1);
		assertUnknown("tcp");
		assertThat(ids()).containsExactly("udp");
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
	}

	@Test
	void g24WhenTheFutureCompletesTheIdIsFreeAndTheNextBeginsWithIncarnationOne() {
		serve();
		add("tcp").crash();
		this.puppets.next();
		await(this.broker.remove("tcp"));
		add("tcp");
		EndpointSnapshot shown = this.broker.endpoint("tcp");
		assertThat(shown.incarnation()).isEqualTo(1);
		assertThat(shown.crashes()).isZero();
		assertThat(this.broker.history("tcp")).isEmpty();
	}

	@Test
	void whatHasEndedOrNeverStartedIsRemovedAtOnce() {
		serve();
		add("finished").finish();
		Waiting.untilState(this.broker, "finished", EndpointState.FINISHED);
		this.broker.add("dropped", () -> {
			throw new IllegalStateException("no instance");
		}, EndpointOptions.builder().restartPolicy(RestartPolicy.builder().fatal((any) -> true).build()).build());
		Waiting.untilState(this.broker, "dropped", EndpointState.DROPPED);
		add("stopped");
		this.broker.stop("stopped");
		Waiting.untilState(this.broker, "stopped", EndpointState.STOPPED);
		this.broker.add("registered", this.puppets, LATER);
		for (String id : ids()) {
			await(this.broker.remove(id));
			assertUnknown(id);
		}
		assertThat(ids()).isEmpty();
	}

	@Test
	void aBackoffEndsWithTheRemovalAndNothingIsLaunched() {
		serve();
		this.broker.add("tcp", this.puppets,
				EndpointOptions.builder()
					.restartPolicy(TestOptions.unlimited()
						.backoff(Backoff.builder().delay(Duration.ofHours(1)).maxDelay(Duration.ofHours(1)).build())
						.build())
					.build());
		this.puppets.next().crash();
		Waiting.untilState(this.broker, "tcp", EndpointState.BACKOFF);
		await(this.broker.remove("tcp"));
		assertThat(this.puppets.all).hasSize(1);
		assertThat(new Insides(this.broker).pendingTimers()).isZero();
	}

	@Test
	void whileAnEndpointIsBeingRemovedItsIdIsTakenAndNothingLaunchesIt() {
		serve();
		this.broker.add("tcp", this.deaf, EndpointOptions.builder().closeTimeout(Duration.ofHours(1)).build());
		Puppet.Deaf puppet = (Puppet.Deaf) this.deaf.next();
		CompletableFuture<Void> removal = this.broker.remove("tcp");
		Waiting.untilState(this.broker, "tcp", EndpointState.CLOSING);
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.start("tcp"))
			.withMessageContaining("start of endpoint 'tcp', which is being removed,");
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.broker.restart("tcp"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.broker.add("tcp", this.puppets, DEFAULTS));
		this.broker.stop("tcp");
		assertThat(removal).isNotDone();
		puppet.letGo();
		await(removal);
		assertThat(this.deaf.all).hasSize(1);
	}

	@Test
	void twoRemovalsOfOneEndpointAreOneAndEachCallerHasAFutureOfItsOwn() {
		serve();
		Puppet puppet = add("tcp");
		CompletableFuture<Void> first = this.broker.remove("tcp");
		CompletableFuture<Void> second;
		try {
			second = this.broker.remove("tcp");
		}
		catch (UnknownEndpointException goneAlready) {
			second = CompletableFuture.completedFuture(null);
		}
		assertThat(first).isNotSameAs(second);
		first.cancel(false);
		await(second);
		assertThat(puppet.closes).hasValue(1);
		add("tcp");
		Waiting.until(() -> this.diary.of("tcp").lastIndexOf("added") > 0);
		assertThat(this.diary.of("tcp")).containsOnlyOnce("removed");
	}

	@Test
	void g9TheCallbacksOfARemovalHoldUpNoOtherEndpoint() {
		serve();
		CountDownLatch attached = new CountDownLatch(1);
		this.broker.add("tcp", () -> new Puppet() {
			@Override
			public void close() throws Exception {
				// Else the callback may be attached late, and run on the test's thread.
				Waiting.on(attached);
				super.close();
			}
		}, DEFAULTS);
		Waiting.untilState(this.broker, "tcp", EndpointState.SERVING);
		add("udp");
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch called = new CountDownLatch(1);
		this.broker.remove("tcp").thenRun(() -> {
			called.countDown();
			Waiting.onDeaf(hanging);
		});
		attached.countDown();
		Waiting.on(called);
		await(this.broker.remove("udp"));
		hanging.countDown();
	}

	@Test
	void anEndpointMayRemoveItself() {
		serve();
		AtomicReference<CompletableFuture<Void>> removal = new AtomicReference<>();
		this.broker.add("tcp", () -> new Puppet() {
			@Override
			public void listenAndServe() {
				removal.set(AddAndRemoveTests.this.broker.remove("tcp"));
			}
		}, DEFAULTS);
		Waiting.until(() -> removal.get() != null);
		await(removal.get());
		assertUnknown("tcp");
	}

	@Test
	void aMonitorMayRemoveWhatWasDropped() {
		Broker removing = Broker.builder().keepServing(true).build();
		removing.monitor((report) -> removing.remove(report.factoryId()));
		removing.listenAndServe();
		removing.add("tcp", () -> {
			throw new IllegalStateException("no instance");
		}, DEFAULTS);
		Waiting.until(() -> removing.endpoints().isEmpty());
		removing.close();
	}

	// What monitors are told

	@Test
	void g24MonitorsAreToldOfTheAdditionFirstAndOfTheRemovalLast() {
		serve();
		for (int i = 0; i < 3; i++) {
			add("tcp").crash();
			this.puppets.next();
			await(this.broker.remove("tcp"));
		}
		Waiting.until(() -> this.diary.of("tcp").stream().filter("removed"::equals).count() == 3);
		List<String> told = this.diary.of("tcp");
		List<String> once = told.subList(0, told.size() / 3);
		assertThat(once).startsWith("added", "STARTING").endsWith("STOPPED", "removed").contains("crash");
		assertThat(told).hasSize(3 * once.size()).startsWith(once.toArray(String[]::new));
	}

	// Abandoned incarnations

	@Test
	void g24AnEndpointThatDoesNotEndIsAbandonedAndForgottenAndItsIncarnationStaysListed() throws Exception {
		serve();
		addDeaf("tcp");
		await(this.broker.remove("tcp"));
		assertUnknown("tcp");
		this.broker.terminate();
		Termination termination = this.broker.await();
		assertThat(termination.stuck()).singleElement()
			.satisfies((stuck) -> assertThat(stuck.id()).isEqualTo("tcp"))
			.satisfies((stuck) -> assertThat(stuck.stack()).isNotEmpty());
	}

	@Test
	void g24TheNextEndpointOfThatIdGoesOnCountingAndTakesOverWhatIsAbandoned() {
		serve();
		Puppet.Deaf first = addDeaf("tcp");
		await(this.broker.remove("tcp"));
		Puppet.Deaf second = addDeaf("tcp");
		assertThat(this.broker.endpoint("tcp").incarnation()).isEqualTo(2);
		awaitAbandoned(1);
		assertThat(this.broker.endpoint("tcp").restarts()).isZero();
		await(this.broker.remove("tcp"));
		add("tcp");
		assertThat(this.broker.endpoint("tcp").incarnation()).isEqualTo(3);
		awaitAbandoned(2);
		first.letGo();
		second.letGo();
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == 0);
		await(this.broker.remove("tcp"));
		add("tcp");
		assertThat(this.broker.endpoint("tcp").incarnation()).isEqualTo(1);
	}

	/**
	 * The thread that completes a removal may still drain the queue of the removed
	 * endpoint, and hands over what is abandoned only then: the next endpoint may serve
	 * before.
	 */
	private void awaitAbandoned(int count) {
		Waiting.until(() -> this.broker.endpoint("tcp").abandoned() == count);
	}

	@Test
	void theLateEndOfAnIncarnationWhoseEndpointIsGoneIsToldToNobodyAndForgotten() {
		serve();
		Puppet.Deaf puppet = addDeaf("tcp");
		await(this.broker.remove("tcp"));
		assertThat(new Insides(this.broker).registry().outlived("tcp")).isNotNull();
		puppet.letGo();
		Waiting.until(() -> new Insides(this.broker).registry().outlived("tcp") == null);
		add("tcp");
		assertThat(this.broker.endpoint("tcp").incarnation()).isEqualTo(1);
		Waiting.until(() -> this.diary.of("tcp").stream().filter("SERVING"::equals).count() == 2);
		List<String> told = this.diary.of("tcp");
		assertThat(told.subList(told.indexOf("removed") + 1, told.size())).startsWith("added", "STARTING");
	}

	/** Its serve has not ended within the close timeout, and is waited for. */
	@Test
	void g24WhatIsOverdueIsGivenUpByTheRemoval() {
		serve();
		this.broker.add("tcp", this.deaf, HASTY.toBuilder().replaceAbandoned(false).build());
		this.deaf.next();
		this.broker.stop("tcp");
		Waiting.until(() -> this.broker.endpoint("tcp").waitingFor() != null);
		await(this.broker.remove("tcp"));
		add("tcp");
		assertThat(this.broker.endpoint("tcp").incarnation()).isEqualTo(2);
		awaitAbandoned(1);
	}

	@Test
	void aRemovalWhileTheFactoryRunsInterruptsItAndWhatItReturnsIsClosed() {
		serve();
		CountDownLatch creating = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		Puppet late = new Puppet();
		this.broker.add("tcp", () -> {
			creating.countDown();
			Waiting.onDeaf(go);
			return late;
		}, DEFAULTS);
		Waiting.on(creating);
		CompletableFuture<Void> removal = this.broker.remove("tcp");
		assertThat(removal).isNotDone();
		go.countDown();
		await(removal);
		assertThat(late.serves).hasValue(0);
		assertThat(late.closes).hasValue(1);
	}

	// The end of the broker

	@Test
	void g11WhenTheLastEndpointIsRemovedTheBrokerTerminates() throws Exception {
		Broker brief = Broker.create();
		brief.registerEndpointFactory("tcp", this.puppets);
		brief.listenAndServe();
		this.puppets.next();
		await(brief.remove("tcp"));
		assertThat(brief.await(Waiting.LIMIT)).isTrue();
	}

	@Test
	void g11WhenAllButTheFinishedAreRemovedTheBrokerTerminates() throws Exception {
		Broker brief = Broker.create();
		Puppets others = new Puppets();
		brief.registerEndpointFactory("tcp", this.puppets);
		brief.registerEndpointFactory("udp", others);
		brief.listenAndServe();
		this.puppets.next().finish();
		Waiting.untilState(brief, "tcp", EndpointState.FINISHED);
		await(brief.remove("udp"));
		assertThat(brief.await(Waiting.LIMIT)).isTrue();
	}

	/** The broker serves on, but with nothing that the JVM has to stay up for. */
	@Test
	void theJvmIsHeldWhileThereIsAnEndpoint() {
		Leftovers threads = new Leftovers();
		serve();
		for (int i = 0; i < 10; i++) {
			add("tcp");
			Waiting.until(() -> threads.threads().contains("broker-keep-alive"));
			await(this.broker.remove("tcp"));
			Waiting.until(() -> !threads.threads().contains("broker-keep-alive"));
		}
	}

	/** As g11 of start: the last one ends, and another is added. One of the two wins. */
	@Test
	void g24AnAdditionEitherKeepsTheBrokerOrIsRefused() throws Exception {
		for (int i = 0; i < 300; i++) {
			Broker brief = Broker.create();
			Puppets first = new Puppets();
			Puppets second = new Puppets();
			brief.registerEndpointFactory("first", first);
			brief.listenAndServe();
			Puppet last = first.next();
			AtomicBoolean added = new AtomicBoolean();
			race(last::finish, () -> {
				try {
					brief.add("second", second, DEFAULTS);
					added.set(true);
				}
				catch (EndpointTerminatedException refused) {
					assertThat(brief.state()).isNotEqualTo(BrokerState.SERVING);
				}
			});
			if (added.get()) {
				second.next().finish();
			}
			assertThat(brief.await(Waiting.LIMIT)).isTrue();
			assertThat(second.all).hasSize(added.get() ? 1 : 0);
		}
	}

	@Test
	void g24WhatIsAddedWhileTheBrokerTerminatesIsRefusedOrClosed() {
		for (int i = 0; i < 300; i++) {
			Broker brief = Broker.builder().keepServing(true).build();
			Puppets made = new Puppets();
			brief.listenAndServe();
			race(brief::terminate, () -> {
				try {
					brief.add("tcp", made, DEFAULTS);
				}
				catch (EndpointTerminatedException refused) {
					assertThat(brief.state()).isNotEqualTo(BrokerState.SERVING);
				}
			});
			brief.close();
			assertThat(made.all).allMatch((puppet) -> puppet.closes.get() == 1);
			assertThat(brief.endpoints()).allMatch((endpoint) -> endpoint.state() == EndpointState.STOPPED);
		}
	}

	@Test
	void whatIsAddedDuringTheAnnouncementServesOrIsNotLaunched() {
		for (int i = 0; i < 300; i++) {
			Broker brief = Broker.builder().keepServing(true).build();
			Puppets made = new Puppets();
			brief.listenAndServe();
			race(brief::announceTermination, () -> {
				try {
					brief.add("tcp", made, DEFAULTS);
				}
				catch (EndpointTerminatedException refused) {
					// The announcement came first.
				}
			});
			boolean launched = brief.endpoints().stream().anyMatch((endpoint) -> endpoint.starts() == 1);
			if (launched) {
				made.next().crash();
				Waiting.untilState(brief, "tcp", EndpointState.STOPPED);
				assertThat(brief.endpoint("tcp").crashes()).isZero();
			}
			brief.close();
		}
	}

	@Test
	void aRemovalThatTheBrokersEndOvertakesCompletesAllTheSame() {
		for (int i = 0; i < 300; i++) {
			Broker brief = Broker.builder().keepServing(true).build();
			Puppets made = new Puppets();
			brief.registerEndpointFactory("tcp", made);
			brief.registerEndpointFactory("udp", new Puppets());
			brief.listenAndServe();
			made.next();
			AtomicReference<CompletableFuture<Void>> removal = new AtomicReference<>();
			race(brief::terminate, () -> {
				try {
					removal.set(brief.remove("tcp"));
				}
				catch (EndpointTerminatedException refused) {
					removal.set(CompletableFuture.completedFuture(null));
				}
			});
			await(removal.get());
			brief.close();
			assertThat(brief.state()).isEqualTo(BrokerState.TERMINATED);
			assertThat(made.all).allMatch((puppet) -> puppet.closes.get() == 1);
		}
	}

	// What another thread does after this one was admitted and before it is listed

	@Test
	void g24WhenTheBrokerTerminatesMeanwhileTheEndpointIsNotLaunchedAndTheBrokerEnds() throws Exception {
		Interrupted time = new Interrupted();
		Broker brief = time.build(Broker.builder().keepServing(true));
		brief.listenAndServe();
		time.meanwhile(brief::terminate);
		brief.add("tcp", this.puppets, DEFAULTS);
		assertThat(brief.await(Waiting.LIMIT)).isTrue();
		assertThat(brief.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(this.puppets.all).isEmpty();
	}

	@Test
	void g24WhenTheEndIsAnnouncedMeanwhileTheEndpointIsNotLaunched() {
		Interrupted time = new Interrupted();
		Broker brief = time.build(Broker.builder().keepServing(true));
		brief.listenAndServe();
		time.meanwhile(brief::announceTermination);
		brief.add("tcp", this.puppets, DEFAULTS);
		assertThat(brief.endpoint("tcp").state()).isEqualTo(EndpointState.REGISTERED);
		brief.close();
		assertThat(this.puppets.all).isEmpty();
	}

	@Test
	void g24WhenAnotherOfThatIdIsAbandonedMeanwhileTheEndpointGoesOnCounting() {
		Interrupted time = new Interrupted();
		Broker brief = time.build(Broker.builder().keepServing(true));
		brief.listenAndServe();
		time.meanwhile(() -> {
			brief.add("tcp", this.deaf, HASTY);
			this.deaf.next();
			CompletableFuture<Void> removal = brief.remove("tcp");
			Waiting.on(this.deaf.all.get(0).closed);
			time.pass(Duration.ofMillis(5));
			time.pass(Duration.ofMillis(5));
			await(removal);
		});
		brief.add("tcp", this.puppets, DEFAULTS);
		this.puppets.next();
		assertThat(brief.endpoint("tcp").incarnation()).isEqualTo(2);
		Waiting.until(() -> brief.endpoint("tcp").abandoned() == 1);
		((Puppet.Deaf) this.deaf.all.get(0)).letGo();
		brief.close();
	}

	@Test
	void whenAnotherTakesTheIdMeanwhileTheCallerIsRefused() {
		Interrupted time = new Interrupted();
		Broker brief = time.build(Broker.builder().keepServing(true));
		brief.listenAndServe();
		time.meanwhile(() -> brief.add("tcp", this.puppets, DEFAULTS));
		assertThatIllegalArgumentException().isThrownBy(() -> brief.add("tcp", this.puppets, DEFAULTS));
		assertThat(brief.endpoints()).hasSize(1);
		this.puppets.next();
		brief.close();
		assertThat(this.puppets.all).hasSize(1);
	}

	// Many at once

	@Test
	void ofManyWhoAddOneIdOneWins() {
		serve();
		for (int i = 0; i < 100; i++) {
			AtomicInteger refused = new AtomicInteger();
			Runnable add = () -> {
				try {
					this.broker.add("tcp", this.puppets, DEFAULTS);
				}
				catch (IllegalArgumentException taken) {
					refused.incrementAndGet();
				}
			};
			race(add, add, add);
			assertThat(refused).hasValue(2);
			assertThat(ids()).containsExactly("tcp");
			await(this.broker.remove("tcp"));
		}
		assertThat(this.puppets.all.size()).isLessThanOrEqualTo(100);
	}

	/** Each waits only for its own removals, and readers read meanwhile. */
	@Test
	void manyWhoAddAndRemoveOneIdAndOthersNeverHaveTwoOfIt() {
		this.broker.registerEndpointFactory("always", new Puppets());
		serve();
		AtomicBoolean over = new AtomicBoolean();
		List<Throwable> wrong = new ArrayList<>();
		Thread reader = new Thread(() -> {
			try {
				while (!over.get()) {
					List<String> seen = ids();
					assertThat(seen).doesNotHaveDuplicates().startsWith("always");
					this.broker.endpoints().forEach((endpoint) -> assertThat(endpoint.id()).isNotBlank());
				}
			}
			catch (Throwable ex) {
				wrong.add(ex);
			}
		});
		reader.start();
		AtomicInteger living = new AtomicInteger();
		Runnable churn = () -> {
			for (int i = 0; i < 200; i++) {
				String own = Thread.currentThread().getName() + i;
				this.broker.add(own, Puppet::new, DEFAULTS);
				try {
					this.broker.add("shared", () -> new Puppet() {
						@Override
						public void listenAndServe() throws Exception {
							assertThat(living.incrementAndGet()).isEqualTo(1);
							super.listenAndServe();
							living.decrementAndGet();
						}
					}, DEFAULTS);
					await(this.broker.remove("shared"));
				}
				catch (IllegalArgumentException takenOrGone) {
					// Another thread was first.
				}
				await(this.broker.remove(own));
			}
		};
		race(churn, churn, churn);
		over.set(true);
		Waiting.until(() -> !reader.isAlive());
		assertThat(wrong).isEmpty();
		assertThat(living).hasValue(0);
		assertThat(ids()).containsExactly("always");
		assertThat(this.broker.endpoint("always").crashes()).isZero();
	}

	@Test
	void theOrderOfTheRestStaysWhateverIsRemoved() {
		serve();
		IntStream.range(0, 100).forEach((i) -> this.broker.add("e" + i, this.puppets, LATER));
		IntStream.range(0, 100).filter((i) -> i % 7 != 3).forEach((i) -> await(this.broker.remove("e" + i)));
		assertThat(ids())
			.isEqualTo(IntStream.range(0, 100).filter((i) -> i % 7 == 3).mapToObj((i) -> "e" + i).toList());
		this.broker.add("e0", this.puppets, LATER);
		assertThat(ids()).endsWith("e94", "e0");
	}

	@Test
	void theNextBrokerContinuesWhatWasAddedAndNotWhatWasRemoved() {
		this.broker.registerEndpointFactory("removed", new Puppets());
		serve();
		add("added");
		this.broker.restart("added");
		this.puppets.next();
		Waiting.until(() -> this.broker.endpoint("added").starts() == 2);
		await(this.broker.remove("removed"));
		this.broker.close();
		Broker next = Broker.builder().keepServing(true).continuing(this.broker).build();
		next.registerEndpointFactory("added", this.puppets);
		next.registerEndpointFactory("removed", this.puppets);
		next.listenAndServe();
		Waiting.until(() -> next.endpoint("added").starts() == 3 && next.endpoint("removed").starts() == 1);
		next.close();
	}

	@Test
	void g21TheNextBrokerTakesOverWhatOutlivesARemovedEndpoint() {
		serve();
		Puppet.Deaf first = addDeaf("tcp");
		await(this.broker.remove("tcp"));
		this.broker.close();
		Broker next = Broker.builder().keepServing(true).continuing(this.broker).build();
		next.registerEndpointFactory("tcp", this.puppets);
		next.listenAndServe();
		this.puppets.next();
		assertThat(next.endpoint("tcp").incarnation()).isEqualTo(2);
		assertThat(next.endpoint("tcp").restarts()).isZero();
		Waiting.until(() -> next.endpoint("tcp").abandoned() == 1);
		Waiting.until(() -> new Insides(this.broker).registry().outlived("tcp") == null);
		first.letGo();
		Waiting.until(() -> next.endpoint("tcp").abandoned() == 0);
		next.close();
	}

	private static void race(Runnable... tasks) {
		CyclicBarrier start = new CyclicBarrier(tasks.length);
		List<CompletableFuture<Void>> done = new ArrayList<>();
		for (Runnable task : tasks) {
			CompletableFuture<Void> future = new CompletableFuture<>();
			done.add(future);
			new Thread(() -> {
				try {
					start.await();
					task.run();
					future.complete(null);
				}
				catch (Throwable failed) {
					future.completeExceptionally(failed);
				}
			}).start();
		}
		done.forEach(AddAndRemoveTests::await);
	}

	/**
	 * When it is next read, something else happens first.
	 */
	private static final class Interrupted extends ManualTime {

		private final AtomicReference<Runnable> first = new AtomicReference<>();

		void meanwhile(Runnable first) {
			this.first.set(first);
		}

		@Override
		public Moment now() {
			Runnable other = this.first.getAndSet(null);
			if (other != null) {
				other.run();
			}
			return super.now();
		}

	}

	/**
	 * Writes down in a word what it is told of each endpoint.
	 */
	private static final class Diary extends RecordingMonitor {

		@Override
		public void added(EndpointSnapshot endpoint) {
			assertThat(endpoint.state()).isEqualTo(EndpointState.REGISTERED);
			this.told.add(endpoint.id() + " added");
		}

		@Override
		public void removed(EndpointSnapshot endpoint) {
			this.told.add(endpoint.id() + " removed");
		}

		List<String> of(String id) {
			List<String> words = new ArrayList<>();
			for (Object event : this.told) {
				if (event instanceof String word && word.startsWith(id + " ")) {
					words.add(word.substring(id.length() + 1));
				}
				else if (event instanceof EndpointChange change && change.to().id().equals(id)) {
					words.add(change.to().state().name());
				}
				else if (event instanceof EndpointCrashReport report && report.factoryId().equals(id)) {
					words.add("crash");
				}
			}
			return words;
		}

	}

}
