package dev.cider.broker.spring.actuate;

import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerLifecycle;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator endpoint {@code broker}: shows the endpoints and, if writes are allowed,
 * starts, stops and restarts them. Over HTTP, {@link BrokerEndpointWebExtension} replaces
 * it.
 */
@Endpoint(id = "broker", defaultAccess = Access.READ_ONLY)
public class BrokerEndpoint {

	private final BrokerLifecycle lifecycle;

	private final @Nullable EndpointSettings settings;

	private final boolean showMessages;

	/**
	 * A new endpoint that does not show the health of the broker.
	 * @param lifecycle the broker to show
	 * @param showValues when to show the messages of exceptions; no user of this class is
	 * authorized
	 */
	public BrokerEndpoint(BrokerLifecycle lifecycle, Show showValues) {
		this(lifecycle, null, showValues);
	}

	/**
	 * A new endpoint.
	 * @param lifecycle the broker to show
	 * @param settings the settings to show; {@code null} to show none, and no health
	 * @param showValues when to show the messages of exceptions; no user of this class is
	 * authorized
	 */
	public BrokerEndpoint(BrokerLifecycle lifecycle, @Nullable EndpointSettings settings, Show showValues) {
		this.lifecycle = lifecycle;
		this.settings = settings;
		this.showMessages = (showValues == Show.ALWAYS);
	}

	/**
	 * The broker and all endpoints.
	 * @return the broker and its endpoints, each in short form
	 */
	@ReadOperation
	public BrokerDescriptor broker() {
		return BrokerDescriptor.of(this.lifecycle.view(), this.lifecycle.gates(), EndpointQuery.ALL, this.settings,
				this.showMessages);
	}

	/**
	 * One endpoint.
	 * @param id the endpoint's id
	 * @return the endpoint with policy, options and history; {@code null} if there is no
	 * such endpoint
	 */
	@ReadOperation
	public @Nullable EndpointDescriptor endpoint(@Selector String id) {
		try {
			return describe(this.lifecycle, this.settings, id, this.showMessages);
		}
		catch (UnknownEndpointException ex) {
			return null;
		}
	}

	/**
	 * Starts, stops or restarts an endpoint.
	 * @param id the endpoint's id
	 * @param action {@code start}, {@code stop} or {@code restart}
	 * @return the endpoint; the action may not have taken effect yet
	 */
	@WriteOperation
	public EndpointDescriptor operate(@Selector String id, String action) {
		OperatorAction known = OperatorAction.named(action);
		if (known == null) {
			throw new IllegalArgumentException(Refusal.unknownAction(this.lifecycle.endpoint(id), action));
		}
		known.on(this.lifecycle, id);
		return describe(this.lifecycle, this.settings, id, this.showMessages);
	}

	static EndpointDescriptor describe(BrokerLifecycle lifecycle, @Nullable EndpointSettings settings, String id,
			boolean showMessages) {
		return EndpointDescriptor.full(lifecycle.view(id), lifecycle.options(id), lifecycle.dropEffect(id), settings,
				showMessages);
	}

}
