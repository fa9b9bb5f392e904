package dev.cider.broker.sample.exchange;

import java.util.function.Consumer;

/**
 * A call that a provider has yet to answer.
 *
 * @param id the exchange's own id for it, which the provider sees; no two calls share one
 * @param callerId the caller's id for it
 * @param method the method's name
 * @param caller who asked
 * @param provider who is to answer
 * @param reply takes the frame for the caller
 */
record Call(String id, Json callerId, String method, Client caller, Client provider, Consumer<String> reply) {
}
