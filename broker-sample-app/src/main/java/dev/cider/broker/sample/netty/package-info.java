/**
 * What the transports on Netty share: how a server begins and ends, and how a connection
 * takes part in the {@link dev.cider.broker.sample.exchange}. Knows no transport.
 */
@NullMarked
package dev.cider.broker.sample.netty;

import org.jspecify.annotations.NullMarked;
