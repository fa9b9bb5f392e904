package dev.cider.broker.spring.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application in a JVM of its own that lives no longer than the test which starts it.
 * Whatever fails the test, a time limit too, the message says what the application
 * printed.
 * <p>
 * The limits only end what would never end. A test that starts a JVM raises JUnit's own
 * to {@link #TEST_MINUTES}: a busy machine needs minutes for what takes a second
 * otherwise.
 */
final class ApplicationProcess implements TestExecutionExceptionHandler, AfterEachCallback {

	static final int TEST_MINUTES = 10;

	private static final Duration LIMIT = Duration.ofMinutes(4);

	private Path output;

	private Process process;

	/**
	 * Starts the application with this JVM's own program and class path.
	 */
	void start(Class<?> application, String... arguments) throws IOException {
		start(List.of(), System.getProperty("java.class.path"), application, arguments);
	}

	void start(List<String> options, String classPath, Class<?> application, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
		// It only starts and ends: a compiler and a collector for that take half the
		// time.
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
		command.addAll(options);
		command.addAll(List.of("-cp", classPath, application.getName()));
		command.addAll(List.of(arguments));
		this.output = Files.createTempFile("application", ".log");
		this.process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.output.toFile())
			.start();
	}

	void await(Callable<Boolean> condition) {
		Awaitility.await()
			.atMost(LIMIT)
			.pollInterval(Duration.ofMillis(5))
			.failFast("the application ended", () -> !this.process.isAlive())
			.until(condition);
	}

	/**
	 * Asks the application to end, as {@code kill} does.
	 */
	void terminate() {
		this.process.destroy();
	}

	/**
	 * Waits until the application has ended.
	 * @return its exit code
	 */
	int awaitEnd() throws InterruptedException {
		assertThat(this.process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("the application ended").isTrue();
		return this.process.exitValue();
	}

	String output() {
		try {
			return Files.readString(this.output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
		if (this.output == null || failure instanceof TestAbortedException) {
			throw failure;
		}
		throw new AssertionError(failure + "\nThe application printed:\n" + output(), failure);
	}

	@Override
	public void afterEach(ExtensionContext context) throws Exception {
		if (this.process != null) {
			this.process.destroyForcibly().waitFor();
			Files.delete(this.output);
		}
	}

}
