package dev.cider.broker;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Several endpoints with one factory, which tells them apart by their numbers.
 */
class InstanceNumberTests {

	private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

	private final ContextualEndpointFactory factory = (context) -> Endpoint.interruptible(() -> {
		this.seen.add(context.id() + " is " + context.instance() + " of " + context.instances() + " in incarnation "
				+ context.incarnation());
		if (context.incarnation() == 1) {
			throw new IllegalStateException("the first one crashes");
		}
		Thread.currentThread().join();
	});

	@Test
	void g18AnInstanceKnowsItsNumberInEachIncarnation() {
		EndpointOptions options = EndpointOptions.builder().restartPolicy(TestOptions.atOnce().build()).build();
		try (Broker broker = Broker.create()) {
			IntStream.rangeClosed(1, 3)
				.forEach((number) -> broker.registerEndpointFactory("feed-" + number, this.factory,
						options.toBuilder().instance(number, 3).build()));
			broker.listenAndServe();
			List<String> all = Stream.generate(() -> Waiting.next(this.seen)).limit(6).toList();
			assertThat(all).containsExactlyInAnyOrder("feed-1 is 1 of 3 in incarnation 1",
					"feed-1 is 1 of 3 in incarnation 2", "feed-2 is 2 of 3 in incarnation 1",
					"feed-2 is 2 of 3 in incarnation 2", "feed-3 is 3 of 3 in incarnation 1",
					"feed-3 is 3 of 3 in incarnation 2");
		}
	}

	@Test
	void g18WithoutANumberAndWhenAddedItIsTheOnlyOneOfItsFactory() {
		try (Broker broker = Broker.builder().keepServing(true).build()) {
			broker.listenAndServe();
			broker.add("alone", this.factory, EndpointOptions.defaults());
			assertThat(Waiting.next(this.seen)).isEqualTo("alone is 1 of 1 in incarnation 1");
			broker.add("second", this.factory, EndpointOptions.builder().instance(2, 2).build());
			assertThat(Stream.generate(() -> Waiting.next(this.seen))
				.filter((line) -> line.startsWith("second"))
				.findFirst()).contains("second is 2 of 2 in incarnation 1");
		}
	}

	@ParameterizedTest
	@CsvSource({ "0, 1", "-1, 3", "4, 3", "1, 0", "0, 0" })
	void aNumberOutsideOfTheTotalIsRefused(int number, int total) {
		assertThatIllegalArgumentException().isThrownBy(() -> EndpointOptions.builder().instance(number, total))
			.withMessage("Invalid instance (" + number + " of " + total
					+ "): the number must be at least 1 and at most the total");
	}

	@Test
	void aContextOfTheApplicationsOwnTestsIsTheOnlyOne() {
		EndpointContext context = new OwnContext();
		assertThat(context.instance()).isOne();
		assertThat(context.instances()).isOne();
	}

	/** As an application may have it in its tests. */
	private static final class OwnContext implements EndpointContext {

		@Override
		public String id() {
			return "own";
		}

		@Override
		public long incarnation() {
			return 1;
		}

		@Override
		public void ready() {
		}

		@Override
		public void heartbeat() {
		}

		@Override
		public boolean closing() {
			return false;
		}

	}

}
