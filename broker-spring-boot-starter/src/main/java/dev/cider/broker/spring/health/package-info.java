/**
 * The health contributor {@code broker}. Knows what an operator can see, and neither the
 * actuator endpoint nor the meters.
 */
@NullMarked
package dev.cider.broker.spring.health;

import org.jspecify.annotations.NullMarked;
