package dev.cider.broker.spring.actuate;

import java.time.Duration;
import java.util.List;

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
 * @param replaceAbandoned whether an incarnation that does not end is replaced while it
 * lives
 * @param waitFor the names of what must be open before it is started
 * @param critical whether the endpoint can make health down
 * @param healthDownWhen when the endpoint makes health down; {@code null} if unknown
 * @param onDrop what a drop does to the application
 * @param baseConfig the name of the config that completes the settings; {@code null} for
 * none
 * @param instance its number among the instances of its bean; {@code null} if it is the
 * only one
 * @param instances how many instances its bean has; {@code null} for one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OptionsDescriptor(@Nullable Duration startTimeout, boolean explicitReady,
		@Nullable Duration heartbeatTimeout, Duration closeTimeout, boolean autoStart, boolean replaceAbandoned,
		List<String> waitFor, boolean critical, @Nullable Enum<?> healthDownWhen, OnDrop onDrop,
		@Nullable String baseConfig, @Nullable Integer instance, @Nullable Integer instances) {

	static OptionsDescriptor of(String id, EndpointOptions options, DropEffect dropEffect,
			@Nullable EndpointSettings settings) {
		return new OptionsDescriptor(options.startTimeout(), options.explicitReady(), options.heartbeatTimeout(),
				options.closeTimeout(), options.autoStart(), options.replaceAbandoned(),
				List.copyOf(options.gates().keySet()), dropEffect.critical(),
				(settings != null) ? settings.downWhen(id) : null, dropEffect.onDrop(),
				(settings != null) ? settings.baseConfig(id) : null, instance(options.instance().number(), options),
				instance(options.instance().total(), options));
	}

	private static @Nullable Integer instance(int number, EndpointOptions options) {
		return (options.instance().total() > 1) ? number : null;
	}

}
