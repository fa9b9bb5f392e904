/**
 * The auto-configuration: finds the supervised beans, reads the properties and decides
 * which beans there are. May depend on every other package of the starter; none of them
 * depends on it.
 */
@NullMarked
package dev.cider.broker.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
