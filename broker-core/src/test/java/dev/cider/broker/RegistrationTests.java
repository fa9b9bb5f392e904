package dev.cider.broker;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * A factory with a context and one without are registered by methods of one name, and
 * each way to write one in Java reaches the right one. That this class compiles is half
 * of the test. For Kotlin see {@code src/it} of the starter.
 */
class RegistrationTests {

	/** Only a contextual factory may have it, so it shows which method was reached. */
	private static final EndpointOptions HEARTBEAT = EndpointOptions.builder()
		.heartbeatTimeout(Duration.ofMinutes(1))
		.build();

	private final Broker broker = Broker.create();

	private int registered;

	private void isPlain(Registration registration) {
		assertThatIllegalArgumentException().isThrownBy(() -> registration.with(id(), HEARTBEAT))
			.withMessageContaining("only the instances of a ContextualEndpointFactory");
		registration.with(id(), EndpointOptions.defaults());
		this.registered++;
	}

	private void isContextual(Registration registration) {
		registration.with(id(), HEARTBEAT);
		this.registered++;
	}

	private String id() {
		return "e" + this.registered;
	}

	@Test
	void whatTakesNoContextIsAPlainFactory() {
		EndpointFactory variable = () -> new Feed();
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, () -> new Feed(), options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, () -> {
			throw new IllegalStateException("never returns");
		}, options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, Feed::new, options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, RegistrationTests::feed, options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, this::ownFeed, options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, variable, options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, new Feeds(), options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id, new EndpointFactory() {
			@Override
			public Endpoint create() {
				return new Feed();
			}
		}, options));
		isPlain((id, options) -> this.broker.registerEndpointFactory(id,
				(this.registered > 0) ? () -> new Feed() : RegistrationTests::feed, options));
		isPlain((id, options) -> this.broker.<EndpointFactory>registerEndpointFactory(id, () -> new Feed(), options));
	}

	@Test
	void whatTakesAContextIsAContextualFactory() {
		ContextualEndpointFactory variable = (context) -> new Reporter(context);
		EndpointFactory seenAsPlain = variable;
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, (c) -> new Reporter(c), options));
		isContextual(
				(id, options) -> this.broker.registerEndpointFactory(id, (EndpointContext c) -> new Feed(), options));
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, (c) -> {
			throw new IllegalStateException("never returns");
		}, options));
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, Reporter::new, options));
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, RegistrationTests::reporter, options));
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, variable, options));
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, seenAsPlain, options));
		isContextual((id, options) -> this.broker.registerEndpointFactory(id, new Reporters(), options));
	}

	@Test
	void theSameGoesWithoutOptions() {
		this.broker.registerEndpointFactory("lambda", () -> new Feed());
		this.broker.registerEndpointFactory("reference", Feed::new);
		this.broker.registerEndpointFactory("factory", new Feeds());
		this.broker.registerEndpointFactory("contextual lambda", (c) -> new Reporter(c));
		this.broker.registerEndpointFactory("contextual reference", Reporter::new);
		this.broker.registerEndpointFactory("contextual factory", new Reporters());
		assertThat(this.broker.endpoints()).hasSize(6);
	}

	private static Endpoint feed() {
		return new Feed();
	}

	private Endpoint ownFeed() {
		return new Feed();
	}

	private static Endpoint reporter(EndpointContext context) {
		return new Reporter(context);
	}

	@FunctionalInterface
	private interface Registration {

		void with(String id, EndpointOptions options);

	}

	private static class Feed implements Endpoint {

		@Override
		public void listenAndServe() {
		}

		@Override
		public void close() {
		}

	}

	private static final class Reporter extends Feed {

		private final EndpointContext context;

		Reporter(EndpointContext context) {
			this.context = context;
		}

		@Override
		public void listenAndServe() {
			this.context.ready();
		}

	}

	private static final class Feeds implements EndpointFactory {

		@Override
		public Endpoint create() {
			return new Feed();
		}

	}

	private static final class Reporters implements ContextualEndpointFactory {

		@Override
		public Endpoint create(EndpointContext context) {
			return new Reporter(context);
		}

	}

}
