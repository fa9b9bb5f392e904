package dev.cider.broker.lease;

import java.util.List;

/**
 * What a signal leads to.
 *
 * @param next the machine from now on
 * @param actions what is to be done, in this order
 */
record LeaseStep(LeaseMachine next, List<LeaseAction> actions) {
}
