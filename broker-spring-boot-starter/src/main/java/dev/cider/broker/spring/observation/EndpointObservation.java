package dev.cider.broker.spring.observation;

/**
 * What is observed of an endpoint. How long an incarnation serves is not: that can be
 * weeks, and a span is exported when it ends.
 */
public enum EndpointObservation {

	/** From the launch of an incarnation until it is ready. */
	START("broker.endpoint.start", "start"),

	/** From when an incarnation is to close until it has ended, or is abandoned. */
	CLOSE("broker.endpoint.close", "close"),

	/**
	 * From a crash until the endpoint is ready again. Each backoff, attempt and further
	 * crash is an event.
	 */
	RECOVERY("broker.endpoint.recovery", "recovery");

	private final String observationName;

	private final String verb;

	EndpointObservation(String observationName, String verb) {
		this.observationName = observationName;
		this.verb = verb;
	}

	/**
	 * The name of the observation.
	 * @return for example {@code broker.endpoint.recovery}
	 */
	public String observationName() {
		return this.observationName;
	}

	String contextualName(String endpoint) {
		return this.verb + " " + endpoint;
	}

}
