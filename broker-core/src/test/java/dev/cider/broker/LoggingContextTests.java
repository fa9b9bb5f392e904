package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an endpoint's own log lines say about where they come from (G22).
 */
class LoggingContextTests {

	@Test
	void everyMethodOfAnEndpointAndItsFactoryRunsWithTheIdInTheLoggingContext() {
		Map<String, String> seen = new ConcurrentHashMap<>();
		try (Broker broker = Broker.create()) {
			broker.registerEndpointFactory("tcp", () -> {
				seen.put("create", id());
				return new Puppet() {

					@Override
					public void listenAndServe() throws Exception {
						seen.put("listenAndServe", id());
						super.listenAndServe();
					}

					@Override
					public void close() throws Exception {
						seen.put("close", id());
						super.close();
					}

				};
			});
			broker.listenAndServe();
			Waiting.until(() -> seen.containsKey("listenAndServe"));
		}
		assertThat(seen).isEqualTo(Map.of("create", "tcp", "listenAndServe", "tcp", "close", "tcp"));
	}

	@Test
	void aCloseOnTheServingThreadHasItToo() {
		Map<String, String> seen = new ConcurrentHashMap<>();
		try (Broker broker = Broker.create()) {
			broker.registerEndpointFactory("tcp", () -> new Endpoint() {

				@Override
				public void listenAndServe() {
					// Finishes at once.
				}

				@Override
				public void close() {
					seen.put("close", id());
				}

			});
			broker.listenAndServe();
			assertThat(broker.await(Waiting.LIMIT)).isTrue();
		}
		catch (InterruptedException interrupted) {
			throw new AssertionError(interrupted);
		}
		assertThat(seen).isEqualTo(Map.of("close", "tcp"));
	}

	@Test
	void theThreadIsLeftAsItWasFound() {
		LoggingContext.enter("tcp");
		assertThat(id()).isEqualTo("tcp");
		LoggingContext.leave();
		assertThat(MDC.get(LoggingContext.KEY)).isNull();
	}

	private static String id() {
		return String.valueOf(MDC.get("broker.endpoint"));
	}

}
