package dev.cider.broker;

/**
 * Open while another endpoint of the same broker serves.
 *
 * @param id the other endpoint's id
 */
record ServingGate(String id) implements KnownGate {
}
