package dev.cider.broker;

/**
 * Opens when another endpoint of the same broker serves for the first time, or has
 * finished, and stays open.
 *
 * @param id the other endpoint's id
 */
record ServedGate(String id) implements KnownGate {
}
