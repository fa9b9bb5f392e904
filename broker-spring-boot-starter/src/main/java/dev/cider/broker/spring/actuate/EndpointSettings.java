package dev.cider.broker.spring.actuate;

import dev.cider.broker.EndpointSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the application has set for its endpoints besides their options: settings of the
 * starter that the broker itself does not know.
 */
public interface EndpointSettings {

	/**
	 * Whether an endpoint makes health down.
	 * @param endpoint an endpoint of the broker
	 * @return {@code true} if it is critical and, in its present state, down
	 */
	boolean isDown(EndpointSnapshot endpoint);

	/**
	 * When an endpoint makes health down.
	 * @param id the endpoint's id
	 * @return the value of its property {@code health.down-when}
	 */
	Enum<?> downWhen(String id);

	/**
	 * The name of the config that completes an endpoint's settings.
	 * @param id the endpoint's id
	 * @return the value of its property {@code base-config}; {@code null} for none
	 */
	@Nullable String baseConfig(String id);

}
