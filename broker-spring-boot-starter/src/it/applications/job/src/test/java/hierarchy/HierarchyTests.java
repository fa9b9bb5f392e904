package hierarchy;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import app.Feed;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A parent and a child context: each has a broker, which serves the endpoints of its own.
 */
class HierarchyTests {

	private ConfigurableApplicationContext child;

	private ConfigurableApplicationContext parent;

	@BeforeEach
	void start() {
		this.child = new SpringApplicationBuilder(Parent.class).child(Child.class).run();
		this.parent = (ConfigurableApplicationContext) this.child.getParent();
		awaitServing(this.parent, "outer");
		awaitServing(this.child, "inner");
	}

	@AfterEach
	void stop() {
		this.parent.close();
	}

	private static BrokerOperations broker(ConfigurableApplicationContext context) {
		return context.getBean(BrokerOperations.class);
	}

	private static void awaitServing(ConfigurableApplicationContext context, String id) {
		Awaitility.await()
			.atMost(Duration.ofMinutes(4))
			.until(() -> broker(context).endpoint(id).state() == EndpointState.SERVING);
	}

	private static List<String> ids(ConfigurableApplicationContext context) {
		return broker(context).endpoints().stream().map(EndpointSnapshot::id).toList();
	}

	@Test
	void eachBrokerServesItsOwnEndpoints() {
		assertThat(ids(this.parent)).containsExactly("outer");
		assertThat(ids(this.child)).containsExactly("inner");
	}

	@Test
	void theParentServesOnWhenTheChildIsClosed() {
		BrokerOperations inner = broker(this.child);
		this.child.close();
		assertThat(inner.endpoint("inner").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(broker(this.parent).endpoint("outer").state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void theChildIsClosedBeforeWhatItHasOfItsParent() {
		Log log = this.parent.getBean(Log.class);
		this.parent.close();
		assertThat(log.lines()).containsExactly("inner closed", "outer closed", "log destroyed");
	}

	record Log(Queue<String> lines) implements AutoCloseable {

		@Override
		public void close() {
			this.lines.add("log destroyed");
		}

	}

	private record Logging(String id, Feed feed, Log log) implements Endpoint {

		Logging(String id, Log log) {
			this(id, new Feed(false), log);
		}

		@Override
		public void listenAndServe() throws InterruptedException {
			this.feed.listenAndServe();
		}

		@Override
		public void close() {
			this.log.lines().add(this.id + " closed");
			this.feed.close();
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Parent {

		@Bean
		Log log() {
			return new Log(new ConcurrentLinkedQueue<>());
		}

		@Bean
		@Supervised
		EndpointFactory outer(Log log) {
			return () -> new Logging("outer", log);
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Child {

		@Bean
		@Supervised
		EndpointFactory inner(Log log) {
			return () -> new Logging("inner", log);
		}

	}

}
