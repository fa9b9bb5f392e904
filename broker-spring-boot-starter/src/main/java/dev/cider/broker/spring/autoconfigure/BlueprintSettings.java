package dev.cider.broker.spring.autoconfigure;

import java.util.function.Function;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.actuate.EndpointSettings;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;

/**
 * The settings of the endpoints of a context. The endpoints of an application's own
 * blueprint have the shared settings. A blueprint of a parent context does not know the
 * endpoints of this one.
 */
final class BlueprintSettings implements EndpointSettings {

	private final BrokerLifecycle lifecycle;

	private final Function<String, DownWhen> downWhen;

	private final Function<String, @Nullable String> baseConfig;

	private BlueprintSettings(BrokerLifecycle lifecycle, Function<String, DownWhen> downWhen,
			Function<String, @Nullable String> baseConfig) {
		this.lifecycle = lifecycle;
		this.downWhen = downWhen;
		this.baseConfig = baseConfig;
	}

	/**
	 * The settings of a context.
	 * @param beanFactory the bean factory of the context
	 * @param lifecycle its broker
	 * @param shared the settings of endpoints without their own
	 */
	static BlueprintSettings of(ListableBeanFactory beanFactory, BrokerLifecycle lifecycle, EndpointProperties shared) {
		return beanFactory.getBeansOfType(BeanFactoryBlueprint.class, true, false)
			.values()
			.stream()
			.findFirst()
			.map((blueprint) -> new BlueprintSettings(lifecycle, blueprint::downWhen, blueprint::baseConfig))
			.orElseGet(() -> new BlueprintSettings(lifecycle, (id) -> shared.health().downWhen(), (id) -> null));
	}

	@Override
	public boolean isDown(EndpointSnapshot endpoint) {
		String id = endpoint.id();
		try {
			return this.lifecycle.dropEffect(id).critical()
					&& downWhen(id).isDown(endpoint, this.lifecycle.options(id).autoStart());
		}
		catch (UnknownEndpointException gone) {
			// It was removed after its snapshot was taken.
			return false;
		}
	}

	@Override
	public DownWhen downWhen(String id) {
		return this.downWhen.apply(id);
	}

	@Override
	public @Nullable String baseConfig(String id) {
		return this.baseConfig.apply(id);
	}

}
