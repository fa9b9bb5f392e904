/**
 * The wiring of the sample: which transports and feeds it serves, with which settings.
 */
@NullMarked
package dev.cider.broker.sample;

import org.jspecify.annotations.NullMarked;
