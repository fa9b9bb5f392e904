/**
 * What the transports on Netty share: the start and the end of a server, and the
 * connection of a client to the {@link dev.cider.broker.sample.exchange}. Depends on no
 * transport.
 */
@NullMarked
package dev.cider.broker.sample.netty;

import org.jspecify.annotations.NullMarked;
