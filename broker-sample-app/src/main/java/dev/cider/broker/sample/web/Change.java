package dev.cider.broker.sample.web;

import dev.cider.broker.EndpointState;

/**
 * A point on an endpoint's timeline.
 *
 * @param number counts all changes of all endpoints, from 1
 * @param at when, in milliseconds since 1970
 * @param state where the endpoint is from then on
 * @param incarnation the incarnation it is about
 * @param crash whether this is what a crash has led to
 */
record Change(long number, long at, EndpointState state, long incarnation, boolean crash) {
}
