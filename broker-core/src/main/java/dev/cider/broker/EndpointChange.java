package dev.cider.broker;

/**
 * A change of an endpoint's state or of its number of abandoned incarnations.
 *
 * @param from the snapshot before
 * @param to the snapshot after
 */
public record EndpointChange(EndpointSnapshot from, EndpointSnapshot to) {
}
