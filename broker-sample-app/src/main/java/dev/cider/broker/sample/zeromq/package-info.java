/**
 * JSON-RPC over ZeroMQ: a ROUTER socket, every message is a frame. Depends on JeroMQ and
 * on {@link dev.cider.broker.sample.exchange}.
 */
@NullMarked
package dev.cider.broker.sample.zeromq;

import org.jspecify.annotations.NullMarked;
