package dev.cider.broker.spring;

import dev.cider.broker.EndpointCrashReport;

/**
 * Ends the application when an endpoint with {@code broker.on-drop=shutdown} is dropped.
 * Declare a bean of this type to do something else, in a test for example.
 */
@FunctionalInterface
public interface ApplicationExit {

	/**
	 * Ends the application. Called at most once per start of the broker, on a separate
	 * thread, because the exit may close the context and then waits for the broker and
	 * its monitors.
	 * @param report the drop
	 */
	void exit(EndpointCrashReport report);

}
