/**
 * Supervises long-running endpoints inside one JVM: {@link dev.cider.broker.Broker} is
 * the place to start, {@link dev.cider.broker.Endpoint} the contract for what is
 * supervised. Depends on {@link dev.cider.broker.restart} and on nothing that uses it.
 */
@NullMarked
package dev.cider.broker;

import org.jspecify.annotations.NullMarked;
