package dev.cider.broker.spring.actuate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Which endpoints an operator asks for.
 *
 * @param states the states to show, those of the first one first; empty for all states in
 * the order of registration
 * @param contains a part of the ids to show, without case
 * @param limit how many endpoints to show at most
 */
record EndpointQuery(Set<EndpointState> states, String contains, int limit) {

	static final EndpointQuery ALL = new EndpointQuery(Set.of(), "", Integer.MAX_VALUE);

	/**
	 * Reads the parameters of a request.
	 * @param state states, separated by commas; {@code null} for all
	 * @param contains a part of the ids; {@code null} for all
	 * @param limit a number; {@code null} for no limit
	 * @throws RefusedQueryException if a parameter is wrong
	 */
	static EndpointQuery of(@Nullable String state, @Nullable String contains, @Nullable String limit)
			throws RefusedQueryException {
		return new EndpointQuery((state != null) ? states(state) : Set.of(),
				(contains != null) ? contains.toLowerCase(Locale.ROOT) : "",
				(limit != null) ? limit(limit) : Integer.MAX_VALUE);
	}

	private static Set<EndpointState> states(String state) throws RefusedQueryException {
		Set<EndpointState> states = new LinkedHashSet<>();
		for (String name : state.split(",", -1)) {
			states.add(state(name.strip()));
		}
		return states;
	}

	private static EndpointState state(String name) throws RefusedQueryException {
		for (EndpointState state : EndpointState.values()) {
			if (state.name().equalsIgnoreCase(name)) {
				return state;
			}
		}
		throw new RefusedQueryException("Unknown state '" + name + "' in parameter 'state': known states are "
				+ StringUtils.arrayToDelimitedString(EndpointState.values(), ", ")
				+ "; separate several by commas, for example state=DROPPED,BACKOFF");
	}

	private static int limit(String limit) throws RefusedQueryException {
		try {
			int number = Integer.parseInt(limit.strip());
			if (number >= 0) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Refused below, with the same words as a negative number.
		}
		throw new RefusedQueryException("Invalid value '" + limit
				+ "' of parameter 'limit': must be a number of at least 0; without the parameter there is no limit");
	}

	/**
	 * The endpoints asked for, before the limit is applied.
	 */
	List<EndpointSnapshot> find(List<EndpointSnapshot> endpoints) {
		if (this.states.isEmpty()) {
			return this.contains.isEmpty() ? endpoints : endpoints.stream().filter(this::hasMatchingId).toList();
		}
		Map<EndpointState, List<EndpointSnapshot>> found = new EnumMap<>(EndpointState.class);
		this.states.forEach((state) -> found.put(state, new ArrayList<>()));
		endpoints.forEach((endpoint) -> {
			List<EndpointSnapshot> sameState = found.get(endpoint.state());
			if (sameState != null && hasMatchingId(endpoint)) {
				sameState.add(endpoint);
			}
		});
		return this.states.stream().map(found::get).flatMap(List::stream).toList();
	}

	private boolean hasMatchingId(EndpointSnapshot endpoint) {
		return this.contains.isEmpty() || endpoint.id().toLowerCase(Locale.ROOT).contains(this.contains);
	}

	/**
	 * A parameter is wrong. The message is the reason, for an operator.
	 */
	static final class RefusedQueryException extends Exception {

		private static final long serialVersionUID = 1L;

		RefusedQueryException(String reason) {
			super(reason);
		}

		String reason() {
			return String.valueOf(getMessage());
		}

	}

}
