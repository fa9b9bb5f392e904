/**
 * JSON-RPC over WebSocket: every text message is a frame. Depends on Netty and on
 * {@link dev.cider.broker.sample.exchange}.
 */
@NullMarked
package dev.cider.broker.sample.websocket;

import org.jspecify.annotations.NullMarked;
