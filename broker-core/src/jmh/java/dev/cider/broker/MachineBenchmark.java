package dev.cider.broker;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One step of the machine: the average of the three that make a restart. The floor: three
 * steps that only count.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MachineBenchmark {

	private static final int STEPS = 3;

	private final IllegalStateException error = new IllegalStateException("crash");

	private final Failure failure = Failure.of(this.error, (any) -> false, (impossible) -> {
	});

	private final Moment now = Moment.of(1_000_000_000, Instant.EPOCH);

	private EndpointMachine machine = EndpointMachine.registered("tcp", BrokerCrowd.AT_ONCE, false, this.now)
		.on(new Signal.Begin(), this.now)
		.machine()
		.on(new Signal.Created(1), this.now)
		.machine();

	private Counted counted = new Counted("tcp", EndpointState.SERVING, 1, 1, 0);

	/**
	 * Ours.
	 * @return the last step
	 */
	@Benchmark
	@OperationsPerInvocation(STEPS)
	public Object ours() {
		long incarnation = this.machine.shown().incarnation();
		EndpointMachine closing = this.machine
			.on(new Signal.Threw(incarnation, this.failure, this.now.nanos(), 0.5), this.now)
			.machine();
		EndpointMachine starting = closing.on(new Signal.Closed(incarnation), this.now).machine();
		Step last = starting.on(new Signal.Created(incarnation + 1), this.now);
		this.machine = last.machine();
		return last;
	}

	/**
	 * The floor.
	 * @return the last step
	 */
	@Benchmark
	@OperationsPerInvocation(STEPS)
	public Object floor() {
		Counted before = this.counted;
		Counted closing = new Counted(before.id, EndpointState.CLOSING, before.incarnation, before.starts,
				before.crashes + 1);
		Counted starting = new Counted(closing.id, EndpointState.STARTING, closing.incarnation + 1, closing.starts + 1,
				closing.crashes);
		this.counted = new Counted(starting.id, EndpointState.SERVING, starting.incarnation, starting.starts,
				starting.crashes);
		return this.counted;
	}

	private record Counted(String id, EndpointState state, long incarnation, long starts, long crashes) {
	}

}
