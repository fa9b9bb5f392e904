package dev.cider.broker;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Endpoints that start in order and, depending on the strategy, fail together, as the
 * children of an Erlang supervisor do. At first each member starts when those before it
 * serve.
 * <p>
 * A member has failed if its incarnation ended by itself and it starts again because of
 * that: it crashed, or it returned under a restart mode that starts it again. A stop or a
 * restart by an operator, an eviction by a gate, and a return that finishes the endpoint
 * leave the others alone; who waits for a member that rests (stopped, finished, removed,
 * or not started yet without {@code autoStart}) waits no longer.
 * <p>
 * After a failure under {@link GroupStrategy#REST_FOR_ONE} and
 * {@link GroupStrategy#ONE_FOR_ALL} the other members that are concerned are closed one
 * at a time, the last first. No member starts before all of them have ended; then they
 * come back in order, each when those before it serve, and are
 * {@link EndpointState#WAITING} until then. Only the error of the member that failed
 * first counts. An error of a member that another one's failure closes, or would have
 * closed, is taken back, if it allows a restart.
 * <p>
 * A member that is dropped drops the group, under each strategy: all others are closed,
 * the last first, and wait. When the dropped member starts again, revived or by an
 * operator, the group begins anew, in order. If an operator stops it instead, the others
 * begin anew without it. Until then the others wait, so a broker whose member was dropped
 * for good does not end by itself.
 * <p>
 * At the end of the broker the members are closed one after another, the last first.
 * <p>
 * Erlang also starts children again that were stopped by hand or have finished, when the
 * group restarts. Here they rest until an operator starts them.
 *
 * @param name the name that logs and {@link EndpointSnapshot#waitingFor()} show, not
 * blank
 * @param strategy what happens to the others when a member has failed
 * @param members the ids of the endpoints, in order; at least two, none twice
 */
public record EndpointGroup(String name, GroupStrategy strategy, List<String> members) {

	/**
	 * Checks the components.
	 * @param name the name
	 * @param strategy what happens to the others
	 * @param members the ids of the endpoints
	 * @throws IllegalArgumentException if the name or a member is blank, a member is
	 * named twice, or there are fewer than two members
	 */
	public EndpointGroup {
		Objects.requireNonNull(strategy, "strategy");
		members = List.copyOf(members);
		if (name.isBlank()) {
			throw new IllegalArgumentException("Invalid name '" + name + "' of a group: must not be blank");
		}
		if (members.size() < 2) {
			throw new IllegalArgumentException(
					"Invalid members (" + members + ") of group '" + name + "': must be at least two");
		}
		Set<String> seen = new HashSet<>();
		for (String member : members) {
			if (member.isBlank()) {
				throw new IllegalArgumentException(
						"Invalid members (" + members + ") of group '" + name + "': an id must not be blank");
			}
			if (!seen.add(member)) {
				throw new IllegalArgumentException("Invalid members (" + members + ") of group '" + name + "': '"
						+ member + "' must not be named twice");
			}
		}
	}

	/**
	 * Visits each member that is there and has one before it that is there.
	 * @param there whether there is an endpoint of this id
	 * @param pairs gets a member, and then the one before it
	 */
	void forEachPair(Predicate<String> there, BiConsumer<String, String> pairs) {
		String before = null;
		for (String member : this.members) {
			if (there.test(member)) {
				if (before != null) {
					pairs.accept(member, before);
				}
				before = member;
			}
		}
	}

}
