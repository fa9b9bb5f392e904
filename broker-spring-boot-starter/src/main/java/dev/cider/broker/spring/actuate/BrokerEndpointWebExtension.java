package dev.cider.broker.spring.actuate;

import java.util.Set;

import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointTerminatedException;
import dev.cider.broker.InvalidStateException;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.BrokerView;
import dev.cider.broker.spring.actuate.EndpointQuery.RefusedQueryException;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The {@link BrokerEndpoint} over HTTP. Answers a refusal with a status code and a
 * reason, and shows messages of exceptions to authorized users.
 */
@RegisterReflectionForBinding({ BrokerDescriptor.class, EndpointDescriptor.class, Refusal.class })
@EndpointWebExtension(endpoint = BrokerEndpoint.class)
public class BrokerEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final BrokerLifecycle lifecycle;

	private final @Nullable EndpointSettings settings;

	private final Show showValues;

	private final Set<String> roles;

	/**
	 * A new extension that does not show the health of the broker.
	 * @param lifecycle the broker to show
	 * @param showValues when to show the messages of exceptions
	 * @param roles the roles that are authorized to see these messages; empty for every
	 * authenticated user
	 */
	public BrokerEndpointWebExtension(BrokerLifecycle lifecycle, Show showValues, Set<String> roles) {
		this(lifecycle, null, showValues, roles);
	}

	/**
	 * A new extension.
	 * @param lifecycle the broker to show
	 * @param settings the settings to show; {@code null} to show none, and no health
	 * @param showValues when to show the messages of exceptions
	 * @param roles the roles that are authorized to see these messages; empty for every
	 * authenticated user
	 */
	public BrokerEndpointWebExtension(BrokerLifecycle lifecycle, @Nullable EndpointSettings settings, Show showValues,
			Set<String> roles) {
		this.lifecycle = lifecycle;
		this.settings = settings;
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * The broker and its endpoints.
	 * @param securityContext the user of the request
	 * @param state shows only endpoints in these states, separated by commas, and those
	 * of the first state first; {@code null} for all endpoints
	 * @param contains shows only endpoints whose id contains this text, without case;
	 * {@code null} for all endpoints
	 * @param limit shows at most this number of endpoints; {@code null} for no limit
	 * @return 200, the broker and the endpoints, each in short form; or 400 and the
	 * reason
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> broker(SecurityContext securityContext, @Nullable String state,
			@Nullable String contains, @Nullable String limit) {
		try {
			EndpointQuery query = EndpointQuery.of(state, contains, limit);
			return new WebEndpointResponse<>(BrokerDescriptor.of(this.lifecycle.view(), this.lifecycle.gates(), query,
					this.settings, isShown(securityContext)));
		}
		catch (RefusedQueryException ex) {
			return refuse(WebEndpointResponse.STATUS_BAD_REQUEST, ex.reason());
		}
	}

	/**
	 * One endpoint.
	 * @param securityContext the user of the request
	 * @param id the endpoint's id
	 * @return 200 and the endpoint with policy, options and history, or 404
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> endpoint(SecurityContext securityContext, @Selector String id) {
		try {
			return new WebEndpointResponse<>(describe(id, securityContext));
		}
		catch (UnknownEndpointException ex) {
			return unknown(id);
		}
	}

	/**
	 * Starts, stops or restarts an endpoint.
	 * @param securityContext the user of the request
	 * @param id the endpoint's id
	 * @param action {@code start}, {@code stop} or {@code restart}
	 * @return 200 and the endpoint, on which the action may not have taken effect yet;
	 * 400, 404 or 409 and the reason
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> operate(SecurityContext securityContext, @Selector String id,
			@Nullable String action) {
		try {
			OperatorAction known = OperatorAction.named(action);
			if (known == null) {
				return refuse(WebEndpointResponse.STATUS_BAD_REQUEST,
						Refusal.unknownAction(this.lifecycle.endpoint(id), action));
			}
			return operate(securityContext, id, known);
		}
		catch (UnknownEndpointException ex) {
			return unknown(id);
		}
	}

	private WebEndpointResponse<OperationResponseBody> operate(SecurityContext securityContext, String id,
			OperatorAction action) {
		try {
			action.on(this.lifecycle, id);
			return new WebEndpointResponse<>(describe(id, securityContext));
		}
		catch (InvalidStateException ex) {
			BrokerView now = this.lifecycle.view();
			return refuse(CONFLICT, (now.state() == BrokerState.SERVING)
					? Refusal.wrongMoment(action, now.endpoint(id), ex) : Refusal.notServing(action, now, id));
		}
		catch (EndpointTerminatedException ex) {
			return refuse(CONFLICT, Refusal.notServing(action, this.lifecycle.view(), id));
		}
	}

	private EndpointDescriptor describe(String id, SecurityContext securityContext) {
		return BrokerEndpoint.describe(this.lifecycle, this.settings, id, isShown(securityContext));
	}

	private boolean isShown(SecurityContext securityContext) {
		return this.showValues.isShown(securityContext, this.roles);
	}

	private WebEndpointResponse<OperationResponseBody> unknown(String id) {
		return refuse(WebEndpointResponse.STATUS_NOT_FOUND, "Unknown endpoint '" + id + "'");
	}

	private static WebEndpointResponse<OperationResponseBody> refuse(int status, String error) {
		return new WebEndpointResponse<>(new Refusal(error), status);
	}

}
