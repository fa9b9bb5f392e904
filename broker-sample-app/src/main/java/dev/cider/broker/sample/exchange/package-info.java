/**
 * The service itself: JSON-RPC 2.0 between clients, whatever transport each of them uses.
 * Depends on Jackson's tokenizer and Netty's timer alone; transports depend on it.
 */
@NullMarked
package dev.cider.broker.sample.exchange;

import org.jspecify.annotations.NullMarked;
