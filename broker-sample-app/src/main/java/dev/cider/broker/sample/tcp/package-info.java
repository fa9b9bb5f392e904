/**
 * Newline-delimited JSON-RPC over TCP: every line is a frame. Depends on Netty and on
 * {@link dev.cider.broker.sample.exchange}.
 */
@NullMarked
package dev.cider.broker.sample.tcp;

import org.jspecify.annotations.NullMarked;
