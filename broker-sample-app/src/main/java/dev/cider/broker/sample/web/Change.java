package dev.cider.broker.sample.web;

import dev.cider.broker.EndpointState;

/**
 * A point on an endpoint's timeline.
 *
 * @param number the number of the change, counted over all endpoints from 1
 * @param at when, in milliseconds since 1970
 * @param state the endpoint's new state
 * @param incarnation the number of the incarnation
 * @param crash whether a crash caused the change
 */
record Change(long number, long at, EndpointState state, long incarnation, boolean crash) {
}
