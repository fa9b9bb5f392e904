/**
 * Lets an endpoint run on exactly one node of many. A lease is one small text in a
 * {@link dev.cider.broker.lease.LeaseStore}, which the nodes change by compare-and-set.
 * The machine that decides uses no thread, lock, clock or store, so that tests can
 * simulate many nodes. Depends on no other package of broker.
 */
@NullMarked
package dev.cider.broker.lease;

import org.jspecify.annotations.NullMarked;
