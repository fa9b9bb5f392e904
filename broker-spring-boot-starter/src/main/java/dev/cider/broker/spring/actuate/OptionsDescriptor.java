package dev.cider.broker.spring.actuate;

import java.time.Duration;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.OnDrop;
import org.jspecify.annotations.Nullable;

/**
 * The options of an endpoint as an operator sees them, under the names of their
 * properties.
 *
 * @param startTimeout how long it may take until it serves; {@code null} for no limit
 * @param explicitReady whether it stays STARTING until it calls {@code ready()}
 * @param heartbeatTimeout the longest time between two heartbeats; {@code null} for no
 * limit
 * @param closeTimeout how long a close may take
 * @param autoStart whether the endpoint is started with the broker
 * @param critical whether the endpoint can make health down
 * @param onDrop what a drop does to the application
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OptionsDescriptor(@Nullable Duration startTimeout, boolean explicitReady,
		@Nullable Duration heartbeatTimeout, Duration closeTimeout, boolean autoStart, boolean critical,
		OnDrop onDrop) {

	static OptionsDescriptor of(EndpointOptions options, DropEffect dropEffect) {
		return new OptionsDescriptor(options.startTimeout(), options.explicitReady(), options.heartbeatTimeout(),
				options.closeTimeout(), options.autoStart(), dropEffect.critical(), dropEffect.onDrop());
	}

}
