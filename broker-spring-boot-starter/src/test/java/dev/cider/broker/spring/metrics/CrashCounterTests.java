package dev.cider.broker.spring.metrics;

import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

import dev.cider.broker.Broker;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.restart.RestartDecision;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How crashes are split by phase and exception, and that the number of series has a
 * limit.
 */
class CrashCounterTests {

	private static final String ONE = "broker.endpoint.crash.reports";

	private static final String ALL = "broker.endpoints.crash.reports";

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private CrashCounter counter(PerEndpointMeters perEndpoint) {
		CrashCounter counter = new CrashCounter(Broker.create(), perEndpoint);
		counter.bindTo(this.registry);
		return counter;
	}

	static EndpointCrashReport report(String id, CrashPhase phase, Throwable error) {
		return new EndpointCrashReport(id, false, error, 1, phase, Instant.EPOCH, Duration.ZERO, 1,
				new RestartDecision.Restart(Duration.ZERO, 1, "restart at once"));
	}

	/** By the values of all tags. */
	private Map<String, Double> counts(String name) {
		Map<String, Double> counts = new TreeMap<>();
		for (Counter counter : this.registry.find(name).counters()) {
			counts.put(String.join(" ", counter.getId().getTags().stream().map(Tag::getValue).toList()),
					counter.count());
		}
		return counts;
	}

	/** An exception of a class of its own. */
	private static Throwable another(int number) {
		try {
			return new ByteBuddy().subclass(RuntimeException.class)
				.name("generated.Exception" + number)
				.make()
				.load(CrashCounterTests.class.getClassLoader())
				.getLoaded()
				.getConstructor()
				.newInstance();
		}
		catch (ReflectiveOperationException ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void crashesAreSplitByEndpointPhaseAndException() {
		CrashCounter counter = counter(PerEndpointMeters.AUTO);
		counter.crashed(report("tcp", CrashPhase.SERVE, new ConnectException("refused")));
		counter.crashed(report("tcp", CrashPhase.SERVE, new ConnectException("refused again")));
		counter.crashed(report("tcp", CrashPhase.CREATE, new ConnectException("refused")));
		counter.crashed(report("udp", CrashPhase.SERVE, new IllegalStateException("boom")));
		// Tags are in the order of their names: endpoint, exception, phase.
		assertThat(counts(ONE)).isEqualTo(Map.of("tcp ConnectException SERVE", 2.0, "tcp ConnectException CREATE", 1.0,
				"udp IllegalStateException SERVE", 1.0));
		assertThat(counts(ALL)).isEqualTo(Map.of("ConnectException SERVE", 2.0, "ConnectException CREATE", 1.0,
				"IllegalStateException SERVE", 1.0));
	}

	@Test
	void withoutMetersOfEachEndpointOnlyTheTotalsAreCounted() {
		counter(PerEndpointMeters.FALSE).crashed(report("tcp", CrashPhase.SERVE, new ConnectException("refused")));
		assertThat(counts(ONE)).isEmpty();
		assertThat(counts(ALL)).isEqualTo(Map.of("ConnectException SERVE", 1.0));
	}

	/** {@code future.get()} says nothing else of what failed in the future. */
	@Test
	void anExceptionThatAFutureHasWrappedIsCountedUnderItsOwnName() {
		CrashCounter counter = counter(PerEndpointMeters.AUTO);
		counter.crashed(report("tcp", CrashPhase.SERVE, new ExecutionException(new ConnectException("refused"))));
		counter.crashed(report("tcp", CrashPhase.SERVE, new CompletionException(new ConnectException("refused"))));
		counter.crashed(report("tcp", CrashPhase.SERVE, new CompletionException("without a cause", null)));
		counter.crashed(report("tcp", CrashPhase.SERVE,
				new IllegalStateException(new ConnectException("a cause, no wrapper"))));
		assertThat(counts(ALL)).isEqualTo(Map.of("ConnectException SERVE", 2.0, "CompletionException SERVE", 1.0,
				"IllegalStateException SERVE", 1.0));
	}

	@Test
	@SuppressWarnings("serial")
	void anExceptionWithoutASimpleNameIsCountedUnderItsFullName() {
		counter(PerEndpointMeters.AUTO).crashed(report("tcp", CrashPhase.SERVE, new Exception("boom") {
		}));
		assertThat(counts(ALL)).containsOnlyKeys(CrashCounterTests.class.getName() + "$1 SERVE");
	}

	@Test
	void anEndpointWithEndlesslyManyExceptionsHasTenNamesAndOther() {
		CrashCounter counter = counter(PerEndpointMeters.AUTO);
		for (int i = 0; i < 200; i++) {
			counter.crashed(report("wild", CrashPhase.SERVE, another(i)));
		}
		counter.crashed(report("wild", CrashPhase.SERVE, another(0)));
		assertThat(counts(ONE)).hasSize(11)
			.containsEntry("wild Exception0 SERVE", 2.0)
			.containsEntry("wild Exception9 SERVE", 1.0)
			.containsEntry("wild other SERVE", 190.0);
		assertThat(counts(ALL)).hasSize(101)
			.containsEntry("Exception99 SERVE", 1.0)
			.containsEntry("other SERVE", 100.0);
	}

	@Test
	void anEndpointWithManyExceptionsTakesNoNamesFromOthers() {
		CrashCounter counter = counter(PerEndpointMeters.AUTO);
		for (int i = 0; i < 20; i++) {
			counter.crashed(report("wild", CrashPhase.SERVE, another(i)));
		}
		counter.crashed(report("calm", CrashPhase.SERVE, new ConnectException("refused")));
		assertThat(counts(ONE)).containsEntry("calm ConnectException SERVE", 1.0);
	}

}
