/**
 * The health contributor {@code broker}. Depends on the lifecycle, but not on the
 * actuator endpoint or the meters.
 */
@NullMarked
package dev.cider.broker.spring.health;

import org.jspecify.annotations.NullMarked;
