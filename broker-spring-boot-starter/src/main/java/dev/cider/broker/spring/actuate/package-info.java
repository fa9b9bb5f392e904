/**
 * The operator's view over HTTP and JMX: the actuator endpoint {@code broker}. Knows the
 * lifecycle, and neither health nor meters.
 */
@NullMarked
package dev.cider.broker.spring.actuate;

import org.jspecify.annotations.NullMarked;
