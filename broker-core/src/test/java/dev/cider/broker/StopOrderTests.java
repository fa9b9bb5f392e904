package dev.cider.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * In which order endpoints are closed (G26), without the endpoints.
 */
class StopOrderTests {

	private static final long SEED = Long.getLong("broker.seed", System.nanoTime());

	private static final int WORLDS = 20_000;

	@Test
	void g26WhereNoEndpointNeedsAnotherAllAreClosedAtOnce() {
		StopOrder order = StopOrder.of(Map.of("a", List.of(), "b", List.of()));
		assertThat(order).isSameAs(StopOrder.NONE);
		assertThat(order.mayStop("a", (id) -> false)).isTrue();
		assertThat(order.neededBy("a")).isEmpty();
	}

	@Test
	void g26EachIsClosedWhenAllThatNeedItAreOver() {
		StopOrder order = StopOrder.of(Map.of("db", List.of(), "a", List.of("db"), "b", List.of("db", "away")));
		Set<String> over = new LinkedHashSet<>();
		assertThat(order.mayStop("a", over::contains)).isTrue();
		assertThat(order.mayStop("db", over::contains)).isFalse();
		over.add("a");
		assertThat(order.neededBy("a")).containsExactly("db");
		assertThat(order.mayStop("db", over::contains)).isFalse();
		over.add("b");
		assertThat(order.neededBy("b")).containsExactly("db");
		assertThat(order.mayStop("db", over::contains)).isTrue();
	}

	@Test
	void aChainMayBeLongerThanTheStackIsDeep() {
		Map<String, List<String>> chain = new LinkedHashMap<>();
		int length = 200_000;
		for (int i = 0; i < length; i++) {
			chain.put("e" + i, List.of("e" + (i + 1)));
		}
		chain.put("e" + length, List.of("e0"));
		StopOrder order = StopOrder.of(chain);
		assertThat(order.mayStop("e1", (id) -> false)).isFalse();
		assertThat(order.mayStop("e0", (id) -> false)).as("the circle is cut").isTrue();
	}

	@Test
	void g26HoldsForEveryGraph() {
		SimulationChance chance = new SimulationChance(SEED);
		System.out.printf("StopOrderTests: seed %d%n", SEED);
		for (int i = 0; i < WORLDS; i++) {
			boolean circles = chance.percent(30);
			Map<String, Set<String>> needs = needs(chance, circles);
			StopOrder order = StopOrder.of(needs);
			assertThat(closeAll(needs.keySet(), order, chance, circles ? Map.of() : needs))
				.as("each is closed at last: %s, seed %d", needs, SEED)
				.isEqualTo(needs.keySet());
		}
	}

	private static Map<String, Set<String>> needs(SimulationChance chance, boolean circles) {
		Map<String, Set<String>> needs = new LinkedHashMap<>();
		int count = chance.between(1, 9);
		for (int i = 0; i < count; i++) {
			Set<String> others = new LinkedHashSet<>();
			while (chance.percent(45)) {
				int other = chance.between(0, circles ? count : i);
				if (circles || other != i) {
					others.add((other == count) ? "away" : "e" + other);
				}
			}
			needs.put("e" + i, others);
		}
		return needs;
	}

	/**
	 * Closes endpoints as a broker does, in any order that it might be.
	 * @param checked the needs that must be kept
	 * @return those that are over at the end
	 */
	private static Set<String> closeAll(Set<String> ids, StopOrder order, SimulationChance chance,
			Map<String, Set<String>> checked) {
		Set<String> over = new LinkedHashSet<>();
		List<String> closing = new ArrayList<>();
		ids.stream().filter((id) -> order.mayStop(id, over::contains)).forEach(closing::add);
		while (!closing.isEmpty()) {
			String next = closing.remove(chance.between(0, closing.size() - 1));
			checked.forEach((dependent, needed) -> assertThat(!needed.contains(next) || over.contains(dependent))
				.as("%s is over before %s: %s, seed %d", dependent, next, checked, SEED)
				.isTrue());
			over.add(next);
			for (String needed : order.neededBy(next)) {
				if (order.mayStop(needed, over::contains) && !over.contains(needed) && !closing.contains(needed)) {
					closing.add(needed);
				}
			}
		}
		return over;
	}

}
