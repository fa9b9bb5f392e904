/**
 * The meters, for Micrometer. Depends on broker-core and on the observations, but not on
 * the actuator endpoint or health.
 */
@NullMarked
package dev.cider.broker.spring.metrics;

import org.jspecify.annotations.NullMarked;
