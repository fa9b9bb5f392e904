package dev.cider.broker.sample;

import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.spring.EndpointCrashEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Shows how an application learns of crashes: it only logs them here. A pager would
 * listen only for the {@link dev.cider.broker.spring.EndpointDroppedEvent}.
 */
@Component
class CrashLog {

	private static final Logger logger = LoggerFactory.getLogger(CrashLog.class);

	@EventListener
	void crashed(EndpointCrashEvent event) {
		EndpointCrashReport report = event.getReport();
		logger.warn("{}: crash report of incarnation {} in phase {}, {}: {}; {}", report.factoryId(),
				report.incarnation(), report.phase(), report.dropped() ? "dropped" : "not dropped", report.error(),
				report.decision().explanation());
	}

}
