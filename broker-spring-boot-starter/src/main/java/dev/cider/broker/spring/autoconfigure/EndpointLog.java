package dev.cider.broker.spring.autoconfigure;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.slf4j.spi.DefaultLoggingEventBuilder;
import org.slf4j.spi.LoggingEventAware;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes lines about endpoints. As those of the broker itself they carry the key-value
 * field {@value #ENDPOINT}, and {@value #INCARNATION} if they are about an incarnation;
 * the text stays as it is.
 */
final class EndpointLog {

	static final String ENDPOINT = "broker.endpoint";

	static final String INCARNATION = "broker.incarnation";

	private final Logger logger;

	EndpointLog(Class<?> type) {
		this.logger = LoggerFactory.getLogger(type);
	}

	/**
	 * Writes a line.
	 * @param incarnation which incarnation of the endpoint; 0 for none
	 * @param text the text, which starts with the id, with a {@code {}} for each argument
	 */
	void log(Level level, String id, long incarnation, String text, Object... arguments) {
		if (!this.logger.isEnabledForLevel(level)) {
			return;
		}
		LoggingEventBuilder line = this.logger.atLevel(level);
		if (takesFields(line)) {
			line = line.addKeyValue(ENDPOINT, id);
			line = (incarnation > 0) ? line.addKeyValue(INCARNATION, incarnation) : line;
		}
		// A thread of an endpoint, which may start a context, has that endpoint's id in
		// the MDC. Boot's structured log fails for a line with two values of one name.
		String outer = MDC.get(ENDPOINT);
		if (outer == null) {
			line.log(text, arguments);
			return;
		}
		MDC.remove(ENDPOINT);
		try {
			line.log(text, arguments);
		}
		finally {
			MDC.put(ENDPOINT, outer);
		}
	}

	/** SLF4J prints fields in front of the text for a backend that has no fields. */
	private boolean takesFields(LoggingEventBuilder line) {
		return !(line instanceof DefaultLoggingEventBuilder) || this.logger instanceof LoggingEventAware;
	}

}
