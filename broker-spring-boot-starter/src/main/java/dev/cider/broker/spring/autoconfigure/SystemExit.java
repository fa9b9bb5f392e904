package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.spring.ApplicationExit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Closes the context and ends the JVM with exit code 1. If the context is still starting,
 * the exit first waits for the end of the start, for a limited time: a close before it
 * would interrupt the thread that starts the context, and with it the wait for the
 * endpoints.
 */
final class SystemExit implements ApplicationExit, ApplicationListener<ContextRefreshedEvent>, DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(SystemExit.class);

	private static final EndpointLog endpointLog = new EndpointLog(SystemExit.class);

	private static final int EXIT_CODE = 1;

	private final ConfigurableApplicationContext context;

	private final Duration startLimit;

	/** Open when the start is over, whether it succeeded or not. */
	private final CountDownLatch startOver = new CountDownLatch(1);

	/**
	 * An exit of one application.
	 * @param startLimit how long an exit waits for the end of the start
	 */
	SystemExit(ConfigurableApplicationContext context, Duration startLimit) {
		this.context = context;
		this.startLimit = startLimit;
	}

	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		if (event.getApplicationContext() == this.context) {
			this.startOver.countDown();
		}
	}

	@Override
	public void destroy() {
		this.startOver.countDown();
	}

	@Override
	public void exit(EndpointCrashReport report) {
		endpointLog.log(Level.ERROR, report.factoryId(), report.incarnation(),
				"{}: dropped, so the application ends (broker.on-drop is shutdown)", report.factoryId());
		int code = EXIT_CODE;
		try {
			if (!this.startOver.await(this.startLimit.toNanos(), TimeUnit.NANOSECONDS)) {
				logger.warn("The application has not finished its start within {}; it ends now", this.startLimit);
			}
			if (this.context.isActive()) {
				code = SpringApplication.exit(this.context, () -> EXIT_CODE);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			System.exit(code);
		}
	}

}
