package dev.cider.broker.sample.exchange;

import java.util.function.Consumer;

/**
 * A call that its provider has not answered yet.
 *
 * @param id the exchange's own id of the call, which the provider sees; no other call has
 * it
 * @param callerId the caller's id of the call
 * @param method the method's name
 * @param caller the client that made the call
 * @param provider the client that must answer
 * @param reply the consumer of the frame for the caller
 */
record Call(String id, Json callerId, String method, Client caller, Client provider, Consumer<String> reply) {
}
