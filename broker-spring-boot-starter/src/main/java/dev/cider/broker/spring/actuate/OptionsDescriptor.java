package dev.cider.broker.spring.actuate;

import java.time.Duration;

import dev.cider.broker.EndpointOptions;

/**
 * The options of an endpoint as an operator sees them, named as their properties.
 *
 * @param closeTimeout how long a close may take
 * @param autoStart whether the endpoint is started with the broker
 */
public record OptionsDescriptor(Duration closeTimeout, boolean autoStart) {

	static OptionsDescriptor of(EndpointOptions options) {
		return new OptionsDescriptor(options.closeTimeout(), options.autoStart());
	}

}
