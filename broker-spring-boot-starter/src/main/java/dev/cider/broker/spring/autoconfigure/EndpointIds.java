package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * The ids of the endpoints, and the sections below {@code broker.endpoints} that their
 * settings stand in. An endpoint has a section of its own; the instances of a bean also
 * share the section of that bean.
 */
final class EndpointIds {

	private static final Pattern NUMBERED = Pattern.compile("(.+)-\\d+");

	/** For each bean, the ids of its instances; empty if their number is not set. */
	private final Map<String, List<String>> instances = new LinkedHashMap<>();

	/** The id of the bean of each instance. */
	private final Map<String, String> beans = new LinkedHashMap<>();

	private final List<IdPattern> added;

	private final Set<String> endpoints = new LinkedHashSet<>();

	private final Set<String> sections = new LinkedHashSet<>();

	/**
	 * The ids of some beans.
	 * @param beans the ids of the beans, each of which is an endpoint
	 * @param numbers for those that have instances, how many
	 * @param added what the ids match of endpoints that the application adds
	 */
	EndpointIds(Collection<String> beans, Map<String, Integer> numbers, List<IdPattern> added) {
		this.added = added;
		for (String bean : beans) {
			int number = numbers.getOrDefault(bean, 0);
			List<String> instances = IntStream.rangeClosed(1, number).mapToObj((each) -> bean + "-" + each).toList();
			this.instances.put(bean, instances);
			instances.forEach((each) -> this.beans.put(each, bean));
			this.endpoints.addAll((number > 0) ? instances : List.of(bean));
			this.sections.add(bean);
			this.sections.addAll(instances);
		}
	}

	/** The ids of all endpoints, in the order of registration. */
	Set<String> endpoints() {
		return this.endpoints;
	}

	/** The names of all sections that settings may stand in. */
	Set<String> sections() {
		return this.sections;
	}

	/** What the ids match of endpoints that the application adds. */
	List<IdPattern> added() {
		return this.added;
	}

	/**
	 * The ids of the instances of a bean.
	 * @return empty if there is no such bean, or their number is not set
	 */
	List<String> instances(String bean) {
		return this.instances.getOrDefault(bean, List.of());
	}

	/**
	 * An id that an instance has and a bean too.
	 * @return {@code null} if there is none
	 */
	@Nullable String takenTwice() {
		return this.beans.keySet().stream().filter(this.instances::containsKey).findFirst().orElse(null);
	}

	/**
	 * The id of the bean that an endpoint is an instance of.
	 * @return {@code null} if it is none
	 */
	@Nullable String beanOfInstance(String id) {
		return this.beans.get(id);
	}

	/**
	 * The bean with instances that an unknown id is probably meant to be an instance of,
	 * as {@code feed-5} if there are four.
	 */
	@Nullable String beanOfMissingInstance(String written) {
		Matcher numbered = NUMBERED.matcher(written);
		return (numbered.matches() && !instances(numbered.group(1)).isEmpty()) ? numbered.group(1) : null;
	}

	/** The ids for messages: those of many instances only from the first to the last. */
	String inWords() {
		if (this.instances.isEmpty() && !this.added.isEmpty()) {
			return "known ids are those that match " + patterns();
		}
		if (this.instances.isEmpty()) {
			return "there are no endpoints";
		}
		List<String> words = new ArrayList<>();
		this.instances.forEach((bean, instances) -> words.add("'" + bean + "'" + inWords(instances)));
		String known = words.stream().collect(Collectors.joining(", ", "known ids are ", ""));
		return this.added.isEmpty() ? known : known + " and those that match " + patterns();
	}

	private String patterns() {
		return this.added.stream().map((pattern) -> "'" + pattern + "'").collect(Collectors.joining(", "));
	}

	private static String inWords(List<String> instances) {
		return switch (instances.size()) {
			case 0 -> "";
			case 1 -> " with the instance '" + instances.get(0) + "'";
			default ->
				" with the instances '" + instances.get(0) + "' to '" + instances.get(instances.size() - 1) + "'";
		};
	}

}
