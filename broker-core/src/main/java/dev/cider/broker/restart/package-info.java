/**
 * Decides whether an endpoint is started again, and when. Pure values and functions: no
 * clock, no thread, no hidden randomness. Depends on no other package of broker.
 */
@NullMarked
package dev.cider.broker.restart;

import org.jspecify.annotations.NullMarked;
