package dev.cider.broker.sample.exchange;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The providers of each method. Guarded by the exchange's lock.
 */
final class Directory {

	/** The providers by method; the first of them gets the next call. */
	private final SortedMap<String, Deque<Client>> providers = new TreeMap<>();

	void add(String method, Client provider) {
		this.providers.computeIfAbsent(method, (name) -> new ArrayDeque<>()).addLast(provider);
	}

	void remove(String method, Client provider) {
		Deque<Client> turns = this.providers.get(method);
		if (turns != null && turns.remove(provider) && turns.isEmpty()) {
			this.providers.remove(method);
		}
	}

	/**
	 * Picks the provider whose turn it is.
	 * @param method the method's name
	 * @return the provider, {@code null} if there is none
	 */
	@Nullable Client next(String method) {
		Deque<Client> turns = this.providers.get(method);
		if (turns == null) {
			return null;
		}
		Client provider = turns.removeFirst();
		turns.addLast(provider);
		return provider;
	}

	Set<String> methods() {
		return this.providers.keySet();
	}

}
