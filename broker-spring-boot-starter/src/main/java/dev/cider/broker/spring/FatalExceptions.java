package dev.cider.broker.spring;

import java.util.List;
import java.util.function.Predicate;

/**
 * The types of exceptions after which a restart is pointless. The broker tests an
 * exception and each of its causes, so {@link #test} looks at its argument only.
 *
 * @param types the types, each with its subtypes; empty if nothing is fatal
 */
public record FatalExceptions(List<Class<? extends Throwable>> types) implements Predicate<Throwable> {

	/**
	 * Makes the list unmodifiable.
	 * @param types the types
	 */
	public FatalExceptions {
		types = List.copyOf(types);
	}

	@Override
	public boolean test(Throwable error) {
		return this.types.stream().anyMatch((type) -> type.isInstance(error));
	}

	/**
	 * The names of the types.
	 * @return class names, in order
	 */
	public List<String> names() {
		return this.types.stream().<String>map(Class::getName).toList();
	}

	@Override
	public String toString() {
		return this.types.isEmpty() ? "none" : String.join(", ", names());
	}

}
