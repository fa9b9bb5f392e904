/**
 * The service itself: JSON-RPC 2.0 between clients, over any transport. Depends only on
 * Jackson's tokenizer and Netty's timer; transports depend on it.
 */
@NullMarked
package dev.cider.broker.sample.exchange;

import org.jspecify.annotations.NullMarked;
