package dev.cider.broker.spring.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Explains why a key at or below {@code broker.endpoints} is refused, and what to write.
 */
final class EndpointKeyRefusal {

	private static final ConfigurationPropertyName EXAMPLE = ConfigurationPropertyName.of("auto-start");

	private static final String ADDED = "broker.added-endpoints";

	private static final int FIRST = EndpointKeysFinder.ENDPOINTS.getNumberOfElements() + 1;

	private EndpointKeyRefusal() {
	}

	/**
	 * A key for an endpoint that does not exist, or a key that is no setting of an
	 * endpoint.
	 */
	static InvalidBrokerPropertyException ofUnknownEndpoint(WrittenKey key, EndpointIds known) {
		Collection<String> ids = known.sections();
		if (key.name().getNumberOfElements() < FIRST) {
			return ofShape(key, "is a value", known);
		}
		if (key.isList()) {
			return ofShape(key, "is an element of a list", known);
		}
		String written = key.written(FIRST);
		List<String> alike = key.alike(FIRST, ids);
		if (alike.size() > 1) {
			return ofAmbiguousId(key, written, alike);
		}
		String bean = known.beanOfMissingInstance(written);
		if (bean != null) {
			return ofMissingInstance(key, written, known.instances(bean), bean);
		}
		String meant = idInParts(key, ids);
		int length = (meant != null) ? lengthOf(key, meant) : FIRST;
		String nearest = (meant != null) ? meant : NearestName.of(written, ids);
		String correct = (nearest != null) ? "Write '" + key.spell(nearest, key.setting(length)) + "' instead, or name"
				: "Remove the property, or name";
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " is for an endpoint '" + written
						+ "' that does not exist: " + known.inWords() + question(nearest),
				correct + " a @Supervised bean '" + written + "'." + spelling(key, ids)
						+ " If the application adds the endpoint while it runs, add its id to '" + ADDED + "'."
						+ ofTheApplication());
	}

	/**
	 * A key that ends with the id and has a value.
	 */
	static InvalidBrokerPropertyException ofValueForSection(WrittenKey key, String id, EndpointIds ids) {
		return ofShape(key, "is a value", id, ids);
	}

	/** The last of its ids would need another number of instances. */
	private static InvalidBrokerPropertyException ofMissingInstance(WrittenKey key, String written,
			List<String> instances, String bean) {
		String last = instances.get(instances.size() - 1);
		String known = (instances.size() > 1) ? "'" + instances.get(0) + "' to '" + last + "'" : "'" + last + "'";
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " is for an instance '" + written
						+ "' that does not exist: the instances of '" + bean + "' are " + known,
				"Write '" + key.spell(last, key.setting(FIRST)) + "' instead, or raise '"
						+ key.spell(bean, EndpointProperties.INSTANCES) + "'.");
	}

	/**
	 * A key that sets how many instances an instance has.
	 */
	static InvalidBrokerPropertyException ofInstancesOfInstance(WrittenKey key, String id, EndpointIds ids) {
		String bean = ids.beanOfInstance(id);
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " is for '" + id
						+ "', which is itself one of the " + ids.instances(String.valueOf(bean)).size()
						+ " instances of '" + bean + "'",
				"Write '" + key.spell(String.valueOf(bean), EndpointProperties.INSTANCES)
						+ "' instead, or remove the property.");
	}

	/**
	 * A key that sets how many instances an endpoint has that the application adds.
	 */
	static InvalidBrokerPropertyException ofInstancesOfAdded(WrittenKey key, String id) {
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " is for '" + id
						+ "', which the application adds: only a @Supervised bean has a number of instances",
				"Remove the property, and let the application add as many endpoints as it needs.");
	}

	/**
	 * A number of instances that is set where no bean can have instances.
	 */
	static InvalidBrokerPropertyException ofInstancesElsewhere(WrittenKey key) {
		String name = EndpointKeysFinder.ENDPOINTS + ".<id>." + EndpointProperties.INSTANCES;
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value()
						+ " is no setting that endpoints can share: each bean has a number of instances of its own",
				"Write '" + name + "' for each bean that shall have instances, or remove the property."
						+ " If it is a property of your own application, give it another name.");
	}

	private static InvalidBrokerPropertyException ofShape(WrittenKey key, String found, EndpointIds ids) {
		return ofShape(key, found, ids.sections().isEmpty() ? "tcp" : ids.sections().iterator().next(), ids);
	}

	private static InvalidBrokerPropertyException ofShape(WrittenKey key, String found, String exampleId,
			EndpointIds ids) {
		String example = key.spell(exampleId, EXAMPLE);
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " " + found
						+ ", but the settings of @Supervised endpoints are expected there, for example '" + example
						+ "': " + ids.inWords(),
				"Write the settings of an endpoint, or remove the property." + ofTheApplication());
	}

	private static InvalidBrokerPropertyException ofAmbiguousId(WrittenKey key, String written, List<String> alike) {
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " is for an endpoint '" + written
						+ "', which is ambiguous: it may be " + quoted(alike, " or "),
				"Write the exact id, in a file, an argument or SPRING_APPLICATION_JSON: " + EndpointKeysFinder.ENDPOINTS
						+ "[" + alike.get(0) + "]." + EXAMPLE
						+ (key.variable() ? ". An environment variable cannot distinguish them." : "."));
	}

	/**
	 * A key whose setting is unknown.
	 */
	static InvalidBrokerPropertyException ofUnknownSetting(WrittenKey key, int length) {
		String setting = key.setting(length).toString();
		List<String> known = Stream
			.concat(EndpointProperties.KEYS.keySet().stream(), Stream.of(EndpointProperties.INSTANCES))
			.map(Object::toString)
			.filter((each) -> key.isOfEndpoint() || !each.equals(EndpointProperties.INSTANCES.toString()))
			.toList();
		String nearest = NearestName.of(setting, known);
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value()
						+ " is no setting of an endpoint. Known settings are " + String.join(", ", known) + " below "
						+ key.prefix(length) + question(nearest),
				(nearest != null)
						? "Write '" + key.spell(key.written(length), ConfigurationPropertyName.of(nearest))
								+ "' instead, or remove the property."
						: "Remove the property, or write one of the known settings.");
	}

	/**
	 * The id with dots that was written without brackets, so that Spring Boot has split
	 * it at the dots.
	 */
	private static @Nullable String idInParts(WrittenKey key, Collection<String> ids) {
		return IntStream.range(FIRST, key.name().getNumberOfElements())
			.mapToObj((length) -> key.written(length + 1))
			.filter(ids::contains)
			.findFirst()
			.orElse(null);
	}

	private static int lengthOf(WrittenKey key, String id) {
		return IntStream.rangeClosed(FIRST, key.name().getNumberOfElements())
			.filter((length) -> key.written(length).equals(id))
			.findFirst()
			.orElse(FIRST);
	}

	private static String quoted(Collection<String> ids, String separator) {
		return ids.stream().map((id) -> "'" + id + "'").collect(Collectors.joining(separator));
	}

	private static String question(@Nullable String nearest) {
		return (nearest != null) ? ". Did you mean '" + nearest + "'?" : "";
	}

	/** Explains how to write an id that such a key cannot contain unchanged. */
	private static String spelling(WrittenKey key, Collection<String> ids) {
		if (key.variable()) {
			return ids.stream()
				.findFirst()
				.map((id) -> " An environment variable names an id by its letters and digits in upper case: '"
						+ key.spell(id, EXAMPLE) + "' is for '" + id + "'.")
				.orElse("");
		}
		return ids.stream()
			.filter((id) -> !WrittenKey.isPlain(id))
			.findFirst()
			.map((id) -> " An id with other characters than letters, digits and dashes is written in brackets, for example "
					+ key.spell(id, EXAMPLE) + " (in YAML, quoted: \"[" + id + "]\").")
			.orElse("");
	}

	private static String ofTheApplication() {
		return " If it is a property of your own application, give it a name that does not begin with '"
				+ EndpointKeysFinder.ENDPOINTS + "', for example 'app.endpoints'.";
	}

}
