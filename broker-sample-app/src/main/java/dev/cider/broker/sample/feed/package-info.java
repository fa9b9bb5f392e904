/**
 * A client whose source comes and goes. It depends on nothing of the source but its
 * address.
 */
@NullMarked
package dev.cider.broker.sample.feed;

import org.jspecify.annotations.NullMarked;
