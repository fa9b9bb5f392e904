package dev.cider.broker.sample.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How fast an echo is through the exchange, and how fast the same library is without it,
 * in turns within one run. No part of the build, for it asserts nothing: run it by its
 * name. {@code -Dmeasure.rounds=} and {@code -Dmeasure.millis=} for how often and how
 * long; {@code -Dmeasure.lane=tcp} for one lane alone.
 */
class EchoMeasurement {

	private static final int WARM_UP_ROUNDS = 2;

	private static final List<Lane> LANES = List.of(new Lane(Carrier.TCP, Carrier.TCP),
			new Lane(Carrier.WEBSOCKET, Carrier.WEBSOCKET), new Lane(Carrier.ZEROMQ, Carrier.ZEROMQ),
			new Lane(Carrier.TCP, Carrier.WEBSOCKET));

	private final Map<Cell, List<Sampled>> rounds = new LinkedHashMap<>();

	@Test
	@Timeout(value = 1, unit = TimeUnit.HOURS)
	void echo() throws Exception {
		int count = Integer.getInteger("measure.rounds", 5);
		List<Cell> cells = cells();
		EchoBench bench = new EchoBench(Long.getLong("measure.millis", 1000));
		try {
			for (int round = -WARM_UP_ROUNDS; round < count; round++) {
				for (Cell cell : cells) {
					Sampled sampled = bench.measure(cell.lane(), cell.variant());
					if (round >= 0) {
						this.rounds.computeIfAbsent(cell, (key) -> new ArrayList<>()).add(sampled);
					}
				}
				// Whoever came last comes first: nobody always follows the same neighbour
				Collections.reverse(cells);
			}
		}
		finally {
			bench.stop();
		}
		System.out.printf(Locale.ROOT, "%d rounds, medians; throughput with 2 connections, 64 requests on their way "
				+ "on each; latency of one request alone; ratio to the bare one above%n", count);
		System.out.printf(Locale.ROOT, "%-18s %-11s %10s %6s %9s %6s %9s %6s%n", "", "", "per second", "ratio",
				"p50 us", "ratio", "p99 us", "ratio");
		LANES.stream().filter(EchoMeasurement::isWanted).forEach(this::print);
	}

	private static List<Cell> cells() {
		List<Cell> cells = new ArrayList<>();
		for (Lane lane : LANES) {
			for (Variant variant : Variant.values()) {
				if (isWanted(lane) && lane.has(variant)) {
					cells.add(new Cell(lane, variant));
				}
			}
		}
		return cells;
	}

	private static boolean isWanted(Lane lane) {
		return System.getProperty("measure.lane", lane.toString()).equals(lane.toString());
	}

	private void print(Lane lane) {
		if (lane.has(Variant.OUR_ECHO)) {
			print(lane, Variant.BARE_ECHO, Variant.BARE_ECHO);
			print(lane, Variant.OUR_ECHO, Variant.BARE_ECHO);
		}
		print(lane, Variant.BARE_RELAY, Variant.BARE_RELAY);
		print(lane, Variant.OUR_CALL, Variant.BARE_RELAY);
	}

	private void print(Lane lane, Variant variant, Variant floor) {
		Sampled ours = Sampled.median(this.rounds.get(new Cell(lane, variant)));
		Sampled bare = Sampled.median(this.rounds.get(new Cell(lane, floor)));
		String name = variant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
		System.out.printf(Locale.ROOT, "%-18s %-11s %10.0f %6.2f %9.1f %6.2f %9.1f %6.2f%n", lane, name,
				ours.perSecond(), ours.perSecond() / bare.perSecond(), ours.p50(), ours.p50() / bare.p50(), ours.p99(),
				ours.p99() / bare.p99());
		System.out.printf(Locale.ROOT,
				"{\"lane\":\"%s\",\"variant\":\"%s\",\"per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
						+ "\"floor\":\"%s\",\"floor_per_second\":%.0f,\"floor_p50_us\":%.1f,\"floor_p99_us\":%.1f}%n",
				lane, name, ours.perSecond(), ours.p50(), ours.p99(),
				floor.name().toLowerCase(Locale.ROOT).replace('_', ' '), bare.perSecond(), bare.p50(), bare.p99());
	}

	/**
	 * What is measured.
	 */
	private record Cell(Lane lane, Variant variant) {
	}

}
