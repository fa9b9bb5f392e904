/**
 * The meters, for Micrometer. Knows what an operator can see, and neither the actuator
 * endpoint nor health.
 */
@NullMarked
package dev.cider.broker.spring.metrics;

import org.jspecify.annotations.NullMarked;
