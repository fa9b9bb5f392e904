package dev.cider.broker;

/**
 * An incarnation that has not ended, seen from a broker.
 *
 * @param path its endpoint's id; in an inner broker, after the ids of the endpoints that
 * lead to it, with a slash after each
 * @param incarnation the incarnation itself
 */
record Survivor(String path, Incarnation incarnation) {
}
