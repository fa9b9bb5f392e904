/**
 * The operator's view over HTTP and JMX: the actuator endpoint {@code broker}. Depends on
 * the lifecycle, but not on health or meters.
 */
@NullMarked
package dev.cider.broker.spring.actuate;

import org.jspecify.annotations.NullMarked;
