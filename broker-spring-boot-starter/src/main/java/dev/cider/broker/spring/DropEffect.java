package dev.cider.broker.spring;

import dev.cider.broker.EndpointOptions;
import dev.cider.broker.restart.RestartPolicy;

/**
 * The effect that a drop of one endpoint has on health and on the application.
 *
 * @param critical whether the endpoint can make health down
 * @param onDrop what a drop does to the application
 */
public record DropEffect(boolean critical, OnDrop onDrop) {

	/**
	 * The default: the endpoint is critical, and the application goes on after a drop.
	 * @return the default
	 */
	public static DropEffect defaults() {
		return new DropEffect(true, OnDrop.NONE);
	}

	/**
	 * Removes the revival if a drop ends the application: the application has ended
	 * before the revival.
	 * @param options how the endpoint is supervised
	 * @return the options, without revival if a drop ends the application
	 */
	public EndpointOptions applyTo(EndpointOptions options) {
		RestartPolicy policy = options.restartPolicy();
		if (this.onDrop != OnDrop.SHUTDOWN || policy.reviveAfter() == null) {
			return options;
		}
		return options.toBuilder().restartPolicy(policy.toBuilder().reviveAfter(null).build()).build();
	}

}
