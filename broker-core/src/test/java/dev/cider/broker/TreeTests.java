package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A broker as an endpoint of another one (4.4, 4.5).
 */
class TreeTests {

	private static final EndpointOptions AT_ONCE = EndpointOptions.builder()
		.restartPolicy(RestartPolicy.builder().backoff(Backoff.none()).build())
		.build();

	private static final EndpointOptions NEVER = EndpointOptions.builder()
		.restartPolicy(RestartPolicy.builder().mode(RestartMode.NEVER).build())
		.build();

	private final Broker outer = Broker.builder().keepServing(true).build();

	private final Puppets feeds = new Puppets();

	private final Puppets caches = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	private final List<Broker> inners = new CopyOnWriteArrayList<>();

	@AfterEach
	void stopAll() {
		this.outer.close();
	}

	private void serve(EndpointOptions inside, Time time) {
		this.outer.registerEndpointFactory("group", () -> {
			Broker.Builder builder = Broker.builder();
			Broker inner = ((time != null) ? builder.time(time) : builder).build();
			inner.registerEndpointFactory("feed", this.feeds, inside);
			inner.registerEndpointFactory("cache", this.caches, inside);
			this.inners.add(inner);
			return inner.asEndpoint();
		}, AT_ONCE);
		this.outer.monitor(this.monitor);
		this.outer.listenAndServe();
	}

	@Test
	void aDropInsideIsACrashOutsideAndRestartsTheWholeGroup() {
		ManualTime time = new ManualTime();
		serve(NEVER, time);
		Puppet feed = this.feeds.next();
		Puppet cache = this.caches.next();
		// Long after the error window: with NEVER that makes no difference.
		time.pass(Duration.ofHours(1));
		Exception error = new Exception("boom");
		feed.crash(error);

		EndpointCrashReport report = this.monitor.nextCrash();
		assertThat(report.factoryId()).isEqualTo("group");
		assertThat(report.error()).isInstanceOf(EndpointDroppedException.class)
			.hasCause(error)
			.hasMessage("Endpoint 'feed' was dropped: crash in mode NEVER (served 1 h): drop")
			.satisfies((thrown) -> assertThat(((EndpointDroppedException) thrown).id()).isEqualTo("feed"));
		assertThat(this.feeds.next()).isNotSameAs(feed);
		assertThat(this.caches.next()).isNotSameAs(cache);
		assertThat(cache.closes).hasValue(1);
		assertThat(this.inners).hasSize(2);
		assertThat(this.inners.get(0).state()).isEqualTo(BrokerState.TERMINATED);
	}

	@Test
	void aCrashThatIsRepairedInsideIsNotSeenOutside() {
		serve(AT_ONCE, null);
		this.caches.next();
		this.feeds.next().crash();
		this.feeds.next();
		assertThat(this.monitor.crashes).isEmpty();
		assertThat(this.inners).hasSize(1);
	}

	@Test
	void aGroupThatHasFinishedReturns() {
		serve(AT_ONCE, null);
		this.feeds.next().finish();
		this.caches.next().finish();
		Waiting.untilState(this.outer, "group", EndpointState.FINISHED);
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void closingTheOuterClosesTheInnerFirst() {
		serve(AT_ONCE, null);
		Puppet feed = this.feeds.next();
		Puppet cache = this.caches.next();
		this.outer.close();
		assertThat(this.inners.get(0).state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(List.of(feed, cache)).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
		assertThat(this.monitor.crashes).isEmpty();
	}

	@Test
	void aCloseBeforeListenAndServeStartsNothing() throws Exception {
		Broker inner = Broker.create();
		inner.registerEndpointFactory("feed", this.feeds);
		Endpoint endpoint = inner.asEndpoint();
		endpoint.close();
		endpoint.listenAndServe();
		assertThat(this.feeds.all).isEmpty();
		assertThat(inner.state()).isEqualTo(BrokerState.INITIALISED);
	}

	@Test
	void onlyAFreshBrokerCanBeAnEndpoint() {
		this.outer.listenAndServe();
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(this.outer::asEndpoint);
	}

}
