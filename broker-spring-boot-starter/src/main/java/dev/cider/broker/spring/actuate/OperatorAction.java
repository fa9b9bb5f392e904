package dev.cider.broker.spring.actuate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import dev.cider.broker.BrokerOperations;
import org.jspecify.annotations.Nullable;

/**
 * The actions of an operator on an endpoint.
 */
enum OperatorAction {

	START {

		@Override
		void on(BrokerOperations operations, String id) {
			operations.start(id);
		}

	},

	STOP {

		@Override
		void on(BrokerOperations operations, String id) {
			operations.stop(id);
		}

	},

	RESTART {

		@Override
		void on(BrokerOperations operations, String id) {
			operations.restart(id);
		}

	};

	abstract void on(BrokerOperations operations, String id);

	/**
	 * The names of all actions: {@code start, stop and restart}.
	 */
	static String inWords() {
		List<String> names = Arrays.stream(values()).map(OperatorAction::toString).toList();
		int last = names.size() - 1;
		return String.join(", ", names.subList(0, last)) + " and " + names.get(last);
	}

	/**
	 * The action with exactly this name.
	 * @return {@code null} if there is none
	 */
	static @Nullable OperatorAction named(@Nullable String name) {
		for (OperatorAction action : values()) {
			if (action.toString().equals(name)) {
				return action;
			}
		}
		return null;
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
