package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On platform threads an endpoint that serves has one, and one that waits or was given up
 * has none. Scale does the same with thousands.
 */
class PlatformThreadsTests {

	private static final int MANY = 200;

	private static final List<String> IDS = IntStream.range(0, MANY).mapToObj((i) -> "e" + i).toList();

	private static final Duration DELAY = Duration.ofHours(1);

	private final Leftovers leftovers = new Leftovers();

	private final BlockingQueue<Puppet> fresh = new LinkedBlockingQueue<>();

	private Broker broker;

	@AfterEach
	void end() {
		this.broker.close();
		this.leftovers.awaitNoThreads();
	}

	private void serve(RestartPolicy.Builder policy) {
		this.broker = Broker.builder().keepServing(true).build();
		EndpointOptions options = EndpointOptions.builder().restartPolicy(policy.build()).build();
		IDS.forEach((id) -> this.broker.registerEndpointFactory(id, () -> {
			Puppet puppet = new Puppet();
			this.fresh.add(puppet);
			return puppet;
		}, options));
		this.broker.listenAndServe();
	}

	private List<Puppet> awaitAllServing() {
		List<Puppet> all = IntStream.range(0, MANY).mapToObj((i) -> Waiting.next(this.fresh)).toList();
		all.forEach(Puppet::awaitServing);
		return all;
	}

	private void awaitAll(EndpointState state) {
		IDS.forEach((id) -> Waiting.untilState(this.broker, id, state));
	}

	/** Those that were needed for an instant take an instant to go. */
	private void awaitThreadsOfEndpoints(int count) {
		Waiting.until(() -> this.leftovers.threads().size() <= count + 4);
		List<String> threads = this.leftovers.threads();
		assertThat(threads).contains("broker-keep-alive", "broker-monitor-1", "broker-signals", "broker-timer")
			.hasSize(count + 4);
		assertThat(threads).filteredOn((name) -> name.startsWith("broker-e")).hasSize(count);
	}

	@Test
	void whoServesHasOneThreadBeforeAndAfterAStorm() {
		serve(TestOptions.unlimited());
		List<Puppet> first = awaitAllServing();
		awaitThreadsOfEndpoints(MANY);
		first.forEach(Puppet::crash);
		awaitAllServing();
		awaitThreadsOfEndpoints(MANY);
		assertThat(this.broker.endpoints()).allMatch((shown) -> shown.incarnation() == 2);
		IDS.forEach(this.broker::stop);
		awaitAll(EndpointState.STOPPED);
		awaitThreadsOfEndpoints(0);
	}

	@Test
	void whoWaitsForARestartHasNoThread() {
		serve(RestartPolicy.builder().backoff(Backoff.builder().delay(DELAY).maxDelay(DELAY).build()));
		awaitAllServing().forEach(Puppet::crash);
		awaitAll(EndpointState.BACKOFF);
		awaitThreadsOfEndpoints(0);
	}

	@Test
	void whoWasGivenUpHasNoThread() {
		serve(RestartPolicy.builder().mode(RestartMode.NEVER));
		awaitAllServing().forEach(Puppet::crash);
		awaitAll(EndpointState.DROPPED);
		awaitThreadsOfEndpoints(0);
	}

}
