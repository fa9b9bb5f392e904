package dev.cider.broker.spring;

import dev.cider.broker.EndpointOptions;
import dev.cider.broker.restart.RestartPolicy;

/**
 * What a drop of one endpoint means for the application.
 *
 * @param critical whether health looks at the endpoint
 * @param onDrop what a drop does to the application
 */
public record DropEffect(boolean critical, OnDrop onDrop) {

	/**
	 * What holds unless configured otherwise: the endpoint is critical, the application
	 * goes on.
	 * @return the default
	 */
	public static DropEffect defaults() {
		return new DropEffect(true, OnDrop.NONE);
	}

	/**
	 * Makes a drop final if it ends the application: nobody would see the revival.
	 * @param options how the endpoint is supervised
	 * @return the same, without a revival if need be
	 */
	public EndpointOptions applyTo(EndpointOptions options) {
		RestartPolicy policy = options.restartPolicy();
		if (this.onDrop != OnDrop.SHUTDOWN || policy.reviveAfter() == null) {
			return options;
		}
		return options.toBuilder().restartPolicy(policy.toBuilder().reviveAfter(null).build()).build();
	}

}
