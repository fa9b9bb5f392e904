package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No herd: how many endpoints may be starting at once.
 */
class ConcurrentStartsTests {

	private final ManualTime time = new ManualTime();

	private final Broker broker = this.time.build(Broker.builder().keepServing(true).maxConcurrentStarts(3));

	/** The ids of those that are being made, in the order in which that began. */
	private final BlockingQueue<Start> starts = new LinkedBlockingQueue<>();

	private final AtomicInteger atOnce = new AtomicInteger();

	private final AtomicInteger most = new AtomicInteger();

	private final List<Puppet> made = new CopyOnWriteArrayList<>();

	@AfterEach
	void stopAll() {
		this.starts.forEach((start) -> start.letGo.countDown());
		this.broker.close();
	}

	private EndpointFactory slow(String id) {
		return () -> {
			Start start = new Start(id, new CountDownLatch(1));
			this.most.accumulateAndGet(this.atOnce.incrementAndGet(), Math::max);
			this.starts.add(start);
			start.letGo.await();
			this.atOnce.decrementAndGet();
			Puppet puppet = new Puppet();
			this.made.add(puppet);
			return puppet;
		};
	}

	private void register(int count) {
		for (int i = 0; i < count; i++) {
			this.broker.registerEndpointFactory("feed-" + i, slow("feed-" + i), TestOptions.restartAtOnce());
		}
	}

	@Test
	void onlySoManyStartAtOnceAndTheLongestWaitingIsNext() {
		register(20);
		this.broker.listenAndServe();
		List<String> order = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			Start next = Waiting.next(this.starts);
			order.add(next.id);
			if (i >= 2) {
				next.letGo.countDown();
				Waiting.untilState(this.broker, next.id, EndpointState.SERVING);
			}
		}
		assertThat(order.subList(3, 20)).isEqualTo(IntStream.range(3, 20).mapToObj((i) -> "feed-" + i).toList());
		assertThat(this.most).hasValue(3);
	}

	@Test
	void whoWaitsIsToldItsPlace() {
		register(10);
		this.broker.listenAndServe();
		for (int i = 0; i < 3; i++) {
			Waiting.next(this.starts);
		}
		Waiting.until(() -> "its turn: 7th of 7".equals(this.broker.endpoint("feed-9").waitingFor()));
		this.time.pass(Duration.ofSeconds(2));
		Waiting.until(() -> "its turn: 1st of 7".equals(this.broker.endpoint("feed-3").waitingFor()));
		assertThat(this.broker.endpoint("feed-3").state()).isEqualTo(EndpointState.WAITING);
	}

	@Test
	void anOperatorsStartDoesNotWait() {
		register(10);
		this.broker.registerEndpointFactory("mine", slow("mine"),
				TestOptions.restartAtOnce().toBuilder().autoStart(false).build());
		this.broker.listenAndServe();
		for (int i = 0; i < 3; i++) {
			Waiting.next(this.starts);
		}
		this.broker.start("mine");
		assertThat(Waiting.next(this.starts).id).isEqualTo("mine");
		this.broker.restart("feed-9");
		assertThat(Waiting.next(this.starts).id).isEqualTo("feed-9");
	}

	@Test
	void whatIsStoppedWhileItStartsMakesRoom() {
		register(4);
		this.broker.listenAndServe();
		List<Start> first = List.of(Waiting.next(this.starts), Waiting.next(this.starts), Waiting.next(this.starts));
		Waiting.untilState(this.broker, "feed-3", EndpointState.WAITING);
		this.broker.stop(first.get(0).id);
		assertThat(Waiting.next(this.starts).id).isEqualTo("feed-3");
	}

	@Test
	void anErrorCountsWhileItWaitsForItsTurn() {
		register(4);
		this.broker.listenAndServe();
		for (int i = 0; i < 3; i++) {
			Waiting.next(this.starts).letGo.countDown();
		}
		Start last = Waiting.next(this.starts);
		last.letGo.countDown();
		Waiting.untilState(this.broker, last.id, EndpointState.SERVING);
		Waiting.until(() -> this.made.size() == 4);
		this.made.forEach(Puppet::crash);
		for (int i = 0; i < 3; i++) {
			Waiting.next(this.starts);
		}
		Waiting.until(() -> this.broker.endpoints().stream().anyMatch((each) -> each.state() == EndpointState.WAITING));
		assertThat(this.broker.endpoints()).allMatch((each) -> each.consecutiveErrors() == 1);
	}

	private record Start(String id, CountDownLatch letGo) {
	}

}
