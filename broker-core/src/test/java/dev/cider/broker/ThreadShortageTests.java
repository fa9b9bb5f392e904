package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a broker keeps when the machine is out of threads, or its caller out of stack: G3,
 * G9 and G11.
 */
class ThreadShortageTests {

	private final AtomicBoolean shortage = new AtomicBoolean();

	private final Leftovers leftovers = new Leftovers();

	/** In a shortage there is no thread for anything new. */
	private class ScarceThreads extends Threads {

		ScarceThreads() {
			super(null);
		}

		@Override
		Thread own(String name, Runnable task) {
			if (ThreadShortageTests.this.shortage.get()) {
				throw new OutOfMemoryError("unable to create native thread, as the test wants it");
			}
			return super.own(name, task);
		}

	}

	@Test
	void g3AnInstanceThatFoundNoThreadIsClosedAfterTheEndOfItsBroker() throws Exception {
		Puppets deaf = new Puppets(Puppet.Deaf::new);
		Broker broker = Broker.builder().threads(new ScarceThreads()).build();
		broker.registerEndpointFactory("tcp", deaf,
				EndpointOptions.builder().closeTimeout(Duration.ofMillis(5)).build());
		broker.listenAndServe();
		Puppet.Deaf puppet = (Puppet.Deaf) deaf.next();
		Waiting.untilState(broker, "tcp", EndpointState.SERVING);
		this.shortage.set(true);
		broker.terminate();
		assertThat(broker.await(Waiting.LIMIT)).isTrue();
		assertThat(puppet.closes).hasValue(0);
		this.shortage.set(false);
		Waiting.until(() -> puppet.closes.get() == 1);
		puppet.letGo();
		this.leftovers.awaitNoThreads();
		assertThat(puppet.closes).hasValue(1);
	}

	@Test
	void g11TheFutureOfTheEndCompletesNormallyWithoutAThread() {
		Puppets puppets = new Puppets();
		Broker broker = Broker.builder().threads(new ScarceThreads()).build();
		broker.registerEndpointFactory("tcp", puppets);
		broker.listenAndServe();
		Puppet puppet = puppets.next();
		Waiting.untilState(broker, "tcp", EndpointState.SERVING);
		CompletableFuture<Termination> end = broker.terminated();
		CountDownLatch called = new CountDownLatch(1);
		end.thenRun(called::countDown);
		this.shortage.set(true);
		puppet.finish();
		assertThat(end).succeedsWithin(Waiting.LIMIT);
		Waiting.on(called);
		assertThat(broker.terminated()).isCompleted();
		this.leftovers.awaitNoThreads();
	}

	@Test
	void g11ABrokerIsTerminatedWithoutAThreadToHoldTheJvmAndWithoutMemoryToTryAgain() throws Exception {
		List<Thread> holders = new CopyOnWriteArrayList<>();
		Threads threads = new ScarceThreads() {
			@Override
			Thread holdingTheJvm(Runnable task) {
				if (ThreadShortageTests.this.shortage.get()) {
					throw new OutOfMemoryError("unable to create native thread, as the test wants it");
				}
				Thread holder = super.holdingTheJvm(task);
				holders.add(holder);
				return holder;
			}
		};
		Time time = new ManualTime() {
			@Override
			public Timer after(Duration delay, Runnable task) {
				if (ThreadShortageTests.this.shortage.get()) {
					throw new OutOfMemoryError("Java heap space, as the test wants it");
				}
				return super.after(delay, task);
			}
		};
		Puppets puppets = new Puppets();
		Broker broker = Broker.builder().keepServing(true).threads(threads).time(time).build();
		broker.registerEndpointFactory("tcp", puppets);
		broker.listenAndServe();
		puppets.next().finish();
		holders.get(0).join(Waiting.LIMIT.toMillis());
		this.shortage.set(true);
		broker.terminate();
		assertThat(broker.await(Waiting.LIMIT)).isTrue();
		assertThat(broker.state()).isEqualTo(BrokerState.TERMINATED);
	}

	@Test
	void g9WhatAThreadFactoryLeavesOnItsThreadReachesNobody() {
		ThreadLocal<String> left = new ThreadLocal<>();
		AtomicInteger met = new AtomicInteger();
		AtomicReference<Throwable> interrupted = new AtomicReference<>();
		Puppets puppets = new Puppets();
		Broker broker = Broker.builder().threadFactory((task) -> {
			if (left.get() != null || Thread.currentThread().getContextClassLoader() == null) {
				met.incrementAndGet();
			}
			if (Thread.currentThread().isInterrupted()) {
				interrupted.set(new AssertionError("interrupted"));
			}
			left.set("something");
			Thread.currentThread().setContextClassLoader(null);
			Thread made = new Thread(task);
			Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
			Thread.currentThread().interrupt();
			return made;
		}).build();
		broker.registerEndpointFactory("tcp", puppets);
		broker.listenAndServe();
		for (int i = 0; i < 20; i++) {
			puppets.next();
			broker.restart("tcp");
		}
		puppets.next();
		broker.close();
		assertThat(met).hasValue(0);
		assertThat(interrupted).hasValue(null);
	}

	@Test
	void aRequestThatItsCallersStackHasNoRoomForIsRefusedOrCarriedOut() throws Exception {
		Puppets puppets = new Puppets();
		Broker broker = Broker.builder().keepServing(true).build();
		broker.registerEndpointFactory("tcp", puppets);
		broker.listenAndServe();
		for (int i = 0; i < 10; i++) {
			puppets.next();
			Waiting.untilState(broker, "tcp", EndpointState.SERVING);
			onAFullStack(() -> broker.restart("tcp"));
			puppets.next();
			Waiting.untilState(broker, "tcp", EndpointState.SERVING);
			onAFullStack(() -> broker.stop("tcp"));
			Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
			onAFullStack(() -> broker.start("tcp"));
		}
		puppets.next();
		onAFullStack(broker::terminate);
		assertThat(broker.await(Waiting.LIMIT)).isTrue();
		assertThat(puppets.all).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
	}

	/**
	 * Tries where the stack is full, and each time a few frames further up, until it
	 * works. To try at each frame takes minutes on a loaded machine: an overflow costs
	 * more the deeper it happens.
	 */
	private static void onAFullStack(Runnable request) throws InterruptedException {
		AtomicBoolean done = new AtomicBoolean();
		Thread thread = new Thread(null, () -> done.set(descend(0, request)), "deep", 256 * 1024);
		thread.start();
		thread.join();
		assertThat(done).isTrue();
	}

	private static boolean descend(int depth, Runnable request) {
		try {
			if (descend(depth + 1, request)) {
				return true;
			}
		}
		catch (StackOverflowError full) {
			// This is as deep as it gets.
		}
		if (depth % 8 != 0) {
			return false;
		}
		try {
			request.run();
			return true;
		}
		catch (StackOverflowError full) {
			return false;
		}
	}

}
