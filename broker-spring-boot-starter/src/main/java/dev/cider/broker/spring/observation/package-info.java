/**
 * The observations, for Micrometer: what becomes a span in a trace. Depends on
 * broker-core, but not on the actuator endpoint, health or the meters. Only
 * {@link dev.cider.broker.spring.observation.EndpointTracingHandler} needs Micrometer
 * Tracing.
 */
@NullMarked
package dev.cider.broker.spring.observation;

import org.jspecify.annotations.NullMarked;
