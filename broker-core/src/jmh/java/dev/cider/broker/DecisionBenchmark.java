package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.RestartPolicy;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What follows from a crash. The floor: the same answer without a reason.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecisionBenchmark {

	private final RestartPolicy policy = RestartPolicy.defaults();

	private Duration served = Duration.ofMillis(400);

	private int errors = 1;

	/**
	 * Ours.
	 * @return the decision
	 */
	@Benchmark
	public RestartDecision ours() {
		return this.policy.afterCrash(this.served, this.errors, false, 0.5);
	}

	/**
	 * The floor.
	 * @return the decision
	 */
	@Benchmark
	public RestartDecision floor() {
		int next = (this.served.compareTo(this.policy.errorWindow()) > 0) ? 0 : this.errors + 1;
		return (next < this.policy.allowedConsecutiveErrors())
				? new RestartDecision.Restart(this.policy.backoff().delay(), next, "restart")
				: new RestartDecision.Drop(null, next, "drop");
	}

}
