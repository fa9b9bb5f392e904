package dev.cider.broker.spring.actuate;

import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.InvalidStateException;
import dev.cider.broker.spring.BrokerView;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The answer to a request that is refused, for an operator.
 *
 * @param error the reason
 */
record Refusal(String error) implements OperationResponseBody {

	static String unknownAction(EndpointSnapshot endpoint, @Nullable String action) {
		String what = (action != null) ? "Unknown action '" + action + "'" : "No action given";
		return what + " for endpoint '" + endpoint.id() + "' (state " + endpoint.state() + "): allowed actions are "
				+ OperatorAction.inWords() + ", for example {\"action\":\"" + OperatorAction.RESTART + "\"}";
	}

	static String wrongMoment(OperatorAction action, EndpointSnapshot endpoint, InvalidStateException refused) {
		return "Action '" + action + "' is not possible now: endpoint '" + endpoint.id() + "' is " + refused.current()
				+ ", but " + action + " is allowed only in state " + refused.expected();
	}

	static String notServing(OperatorAction action, BrokerView now, String id) {
		return "Action '" + action + "' is not possible now: endpoint '" + id + "' is " + now.endpoint(id).state()
				+ " and the broker is " + now.state() + ", but " + OperatorAction.inWords()
				+ " are allowed only while the broker is " + BrokerState.SERVING;
	}

}
