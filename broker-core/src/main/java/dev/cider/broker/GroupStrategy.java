package dev.cider.broker;

/**
 * What happens to the other members of an {@link EndpointGroup} when one has failed. The
 * meaning is that of the restart strategies of Erlang's supervisors.
 */
public enum GroupStrategy {

	/** Nothing: only the member that failed starts again. */
	ONE_FOR_ONE,

	/** Those after it are closed, the last first, and come back after it, in order. */
	REST_FOR_ONE,

	/** All others are closed, the last first, and all come back in order. */
	ONE_FOR_ALL

}
