package dev.cider.broker;

/**
 * An incarnation that was given up on and has not ended.
 *
 * @param incarnation its number
 * @param run how far it has come
 */
record Abandoned(long incarnation, Run run) {
}
