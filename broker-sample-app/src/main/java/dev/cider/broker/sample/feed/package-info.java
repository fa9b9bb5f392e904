/**
 * A client whose source comes and goes. Knows nothing but the address of the source.
 */
@NullMarked
package dev.cider.broker.sample.feed;

import org.jspecify.annotations.NullMarked;
