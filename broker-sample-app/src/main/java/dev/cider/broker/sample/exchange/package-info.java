/**
 * The service itself: JSON-RPC 2.0 between clients, whatever transport each of them uses.
 * Depends on Jackson's tokenizer and on nothing else; transports depend on it.
 */
@NullMarked
package dev.cider.broker.sample.exchange;

import org.jspecify.annotations.NullMarked;
