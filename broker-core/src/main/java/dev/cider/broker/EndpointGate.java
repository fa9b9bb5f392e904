package dev.cider.broker;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Something that must be open before an endpoint may start: a database, a licence,
 * another service. The broker asks a gate when an endpoint is about to be launched, and
 * then at intervals until it is open. While it is shut the endpoint is
 * {@link EndpointState#WAITING}, which is no error. The broker asks no gate for which no
 * endpoint waits.
 *
 * @see EndpointOptions.Builder#waitFor(String, EndpointGate)
 */
@FunctionalInterface
public interface EndpointGate {

	/**
	 * Whether the gate is shut. The broker calls it on a thread of its own, never twice
	 * at once for the same gate object. It may block; an answer after the gate timeout
	 * counts as shut.
	 * @return why it is shut, in words that complete "which is …", such as
	 * {@code "DOWN"}; {@code null} if it is open
	 * @throws Exception if it cannot be asked, which counts as shut
	 */
	@Nullable String shut() throws Exception;

	/**
	 * A gate that is open while another endpoint of the same broker is
	 * {@link EndpointState#SERVING}. The broker does not ask it: it knows.
	 * @param id the other endpoint's id
	 * @return the gate
	 */
	static EndpointGate serving(String id) {
		return new ServingGate(Objects.requireNonNull(id, "id must not be null"));
	}

}
