/**
 * The tests of the lease. {@code LeaseSimulationTests} play random worlds of several
 * nodes and one store ({@code LeaseWorld}), also with one mistake each
 * ({@code LeaseMutant}).
 */
@NullMarked
package dev.cider.broker.lease;

import org.jspecify.annotations.NullMarked;
