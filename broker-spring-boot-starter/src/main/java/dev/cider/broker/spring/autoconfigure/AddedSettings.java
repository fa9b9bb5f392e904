package dev.cider.broker.spring.autoconfigure;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.autoconfigure.AddedKeys.Place;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;

/**
 * The settings of endpoints that the application adds. What a property sets has
 * precedence over what the application passes to {@code add}: it was written for this
 * place, and the options that are passed are complete, so that nobody sees which of them
 * are meant.
 */
final class AddedSettings {

	private final AddedKeys keys;

	private final ConfiguredGates gates;

	private final EndpointIds ids;

	private final DownWhen downWhen;

	private final @Nullable ClassLoader classLoader;

	/** What many endpoints have in common; no more than there are sections. */
	private final Map<Place, Effects> effects = new ConcurrentHashMap<>();

	private final Set<String> gateNames = new LinkedHashSet<>();

	private boolean mayShutDown;

	/**
	 * Checks all that is written, as far as it does not depend on the endpoint.
	 * @param downWhen when an endpoint without a setting of its own is down
	 * @throws InvalidBrokerPropertyException if a value is invalid
	 */
	AddedSettings(AddedKeys keys, ConfiguredGates gates, EndpointIds ids, DownWhen downWhen,
			@Nullable ClassLoader classLoader) {
		this.keys = keys;
		this.gates = gates;
		this.ids = ids;
		this.downWhen = downWhen;
		this.classLoader = classLoader;
		keys.written().forEach((written, section) -> check(section));
	}

	private void check(EndpointKeys section) {
		ConfiguredOptions options = configured(EndpointProperties.lenient(this.downWhen), section, ContextAccess.GIVEN);
		options.toBuilder();
		options.downWhen();
		this.mayShutDown |= options.dropEffect().onDrop() == OnDrop.SHUTDOWN;
		List<WaitFor> waitFor = waitFor(options);
		waitFor.forEach((each) -> this.gateNames.add(each.written()));
		// An endpoint may have to be added first.
		this.gates.checkEarly(section, waitFor.stream().filter((each) -> !each.isEndpoint()).toList(), List.of());
	}

	private List<WaitFor> waitFor(ConfiguredOptions options) {
		return Stream.concat(options.waitFor().stream(), options.dependsOn().stream())
			.flatMap((each) -> each.instances(this.ids))
			.toList();
	}

	private ConfiguredOptions configured(EndpointProperties otherwise, EndpointKeys keys, ContextAccess context) {
		return new ConfiguredOptions(otherwise, keys, context, this.classLoader);
	}

	/**
	 * The options of an endpoint.
	 * @param given what the application has passed
	 * @throws InvalidBrokerPropertyException if a property does not fit to it
	 */
	EndpointOptions options(String id, EndpointFactory factory, EndpointOptions given) {
		Place place = this.keys.place(id);
		if (place == null) {
			return given;
		}
		EndpointKeys own = this.keys.keys(id, place);
		ContextAccess context = (factory instanceof ContextualEndpointFactory) ? ContextAccess.GIVEN
				: ContextAccess.FACTORY_WITHOUT;
		ConfiguredOptions configured = configured(EndpointProperties.of(given, this.downWhen), own, context);
		EndpointOptions.Builder builder = configured.changing(given);
		List<WaitFor> waitFor = waitFor(configured);
		this.gates.checkHealth(own, waitFor);
		waitFor.forEach((each) -> this.gates.add(each, builder));
		return configured.dropEffect().applyTo(builder.build());
	}

	/**
	 * What else the properties say of an endpoint.
	 * @return {@code null} if its id matches no pattern
	 */
	@Nullable Effects effects(String id) {
		Place place = this.keys.place(id);
		if (place == null) {
			return null;
		}
		Effects known = this.effects.get(place);
		if (known == null) {
			ConfiguredOptions configured = configured(EndpointProperties.lenient(this.downWhen),
					this.keys.keys(id, place), ContextAccess.GIVEN);
			known = new Effects(configured.dropEffect(), configured.downWhen(), configured.baseConfig());
			if (!this.keys.isUnlisted()) {
				this.effects.put(place, known);
			}
		}
		return known;
	}

	/** Whether the drop of an endpoint may end the application. */
	boolean mayShutDown() {
		return this.mayShutDown || this.keys.isUnlisted();
	}

	/** The names of all that endpoints wait for. */
	Set<String> gateNames() {
		return this.gateNames;
	}

	/**
	 * What the properties say of an endpoint, besides its options.
	 *
	 * @param dropEffect the effect of a drop
	 * @param downWhen when it makes health down
	 * @param baseConfig the name of its base config; empty for none
	 */
	record Effects(DropEffect dropEffect, DownWhen downWhen, String baseConfig) {
	}

}
