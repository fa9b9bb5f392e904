package dev.cider.broker.spring.health;

import java.util.Objects;

import dev.cider.broker.EndpointSnapshot;

/**
 * When a critical endpoint makes health down.
 */
public enum DownWhen {

	/** While it is dropped, or cannot go on because an incarnation does not end. */
	DROPPED {

		@Override
		public boolean isDown(EndpointSnapshot endpoint, boolean autoStart) {
			return switch (endpoint.state()) {
				case DROPPED -> true;
				case CLOSING -> isStuck(endpoint);
				default -> false;
			};
		}

	},

	/** While it should serve but does not. */
	NOT_SERVING {

		@Override
		public boolean isDown(EndpointSnapshot endpoint, boolean autoStart) {
			return switch (endpoint.state()) {
				case STARTING, WAITING, BACKOFF, DROPPED -> true;
				case REGISTERED -> autoStart;
				// After a stop or restart by an operator, a close is expected.
				case CLOSING -> hasCrashed(endpoint) || isStuck(endpoint);
				case SERVING, FINISHED, STOPPED -> false;
			};
		}

	};

	/**
	 * Whether an endpoint makes health down, if it is critical.
	 * @param endpoint the endpoint
	 * @param autoStart whether it starts with the broker
	 * @return {@code true} if it is down
	 */
	public abstract boolean isDown(EndpointSnapshot endpoint, boolean autoStart);

	/** An incarnation that does not end is not replaced while it lives. */
	private static boolean isStuck(EndpointSnapshot endpoint) {
		return endpoint.waitingFor() != null;
	}

	private static boolean hasCrashed(EndpointSnapshot endpoint) {
		return endpoint.lastCrash() != null
				&& Objects.requireNonNull(endpoint.lastCrash()).incarnation() == endpoint.incarnation();
	}

}
