package dev.cider.broker.spring.autoconfigure;

import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The starter's own lines about an endpoint.
 */
class EndpointLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(EndpointLogTests.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>() {
		@Override
		protected void append(ILoggingEvent line) {
			// Reads the MDC of the thread that logs.
			line.prepareForDeferredProcessing();
			super.append(line);
		}
	};

	private final EndpointLog log = new EndpointLog(EndpointLogTests.class);

	@BeforeEach
	void listen() {
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	@AfterEach
	void leave() {
		this.logger.detachAppender(this.lines);
		this.logger.setLevel(null);
		MDC.remove("broker.endpoint");
	}

	private ILoggingEvent line() {
		assertThat(this.lines.list).hasSize(1);
		return this.lines.list.get(0);
	}

	@Test
	void aLineCarriesTheIdAndTheIncarnationAsFields() {
		this.log.log(org.slf4j.event.Level.ERROR, "tcp", 7, "{}: dropped", "tcp");
		assertThat(line().getFormattedMessage()).isEqualTo("tcp: dropped");
		assertThat(line().getKeyValuePairs()).usingRecursiveFieldByFieldElementComparator()
			.containsExactly(new KeyValuePair("broker.endpoint", "tcp"), new KeyValuePair("broker.incarnation", 7L));
	}

	@Test
	void aLineAboutNoIncarnationHasNoSuchField() {
		this.log.log(org.slf4j.event.Level.WARN, "tcp", 0, "{}: not registered", "tcp");
		assertThat(line().getKeyValuePairs()).extracting((pair) -> pair.key).containsExactly("broker.endpoint");
	}

	/** Boot's ECS format would lose the line. */
	@Test
	void onTheThreadOfAnotherEndpointALineCarriesOneIdOnly() {
		MDC.put("broker.endpoint", "outer");
		this.log.log(org.slf4j.event.Level.WARN, "tcp", 0, "{}: not registered", "tcp");
		assertThat(line().getMDCPropertyMap()).isEqualTo(Map.of());
		assertThat(MDC.get("broker.endpoint")).isEqualTo("outer");
	}

	@Test
	void aLevelThatIsOffWritesNothing() {
		this.logger.setLevel(Level.ERROR);
		this.log.log(org.slf4j.event.Level.WARN, "tcp", 0, "{}: not registered", "tcp");
		assertThat(this.lines.list).isEmpty();
	}

}
