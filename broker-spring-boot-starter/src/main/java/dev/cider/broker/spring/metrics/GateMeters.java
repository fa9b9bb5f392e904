package dev.cider.broker.spring.metrics;

import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.GateSnapshot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meter of what endpoints wait for: {@code broker.gate.open}, a gauge with the tag
 * {@code gate}, is 1 if the gate was last seen open, 0 if it was shut. It has no value
 * before the gate was asked.
 */
public class GateMeters implements MeterBinder {

	private final BrokerOperations operations;

	private final List<String> names;

	/**
	 * New meters.
	 * @param operations the broker to read
	 * @param names the names of the gates
	 */
	public GateMeters(BrokerOperations operations, List<String> names) {
		this.operations = operations;
		this.names = List.copyOf(names);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (String name : this.names) {
			Gauge.builder("broker.gate.open", this.operations, (broker) -> value(broker, name))
				.description("Whether what endpoints wait for was last seen open")
				.tag("gate", name)
				.register(registry);
		}
	}

	private static double value(BrokerOperations broker, String name) {
		for (GateSnapshot gate : broker.gates()) {
			if (gate.name().equals(name)) {
				return gate.open() ? 1 : 0;
			}
		}
		return Double.NaN;
	}

}
