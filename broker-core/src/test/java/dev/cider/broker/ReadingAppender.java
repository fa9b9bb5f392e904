package dev.cider.broker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

/**
 * Takes in a line as backends do that write: all of it, the stack included. Remembers the
 * lines alone.
 */
final class ReadingAppender extends AppenderBase<ILoggingEvent> {

	final List<String> lines = new CopyOnWriteArrayList<>();

	@Override
	protected void append(ILoggingEvent event) {
		if (event.getThrowableProxy() != null) {
			ch.qos.logback.classic.spi.ThrowableProxyUtil.asString(event.getThrowableProxy());
		}
		this.lines.add(event.getFormattedMessage());
	}

}
