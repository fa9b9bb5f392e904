package dev.cider.broker;

/**
 * An incarnation that has not ended, seen from a broker.
 *
 * @param path its endpoint's id; behind the ids of the endpoints that serve the brokers
 * on the way to it, if it is not one of the broker's own
 * @param incarnation itself
 */
record Survivor(String path, Incarnation incarnation) {
}
