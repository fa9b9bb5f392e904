/**
 * The source of the {@link dev.cider.broker.sample.feed}, so that the sample needs no
 * other program: a server that closes now and then.
 */
@NullMarked
package dev.cider.broker.sample.market;

import org.jspecify.annotations.NullMarked;
