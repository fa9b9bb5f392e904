package dev.cider.broker.engines;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.awaitility.Awaitility;

/**
 * A server in a JVM of its own, with the class path of this one.
 */
final class JavaProcess implements AutoCloseable {

	/** Only ends what would never end: a busy machine needs minutes for seconds. */
	private static final Duration LIMIT = Duration.ofMinutes(4);

	private final Path output = Files.createTempFile("server", ".log");

	private final Process process;

	JavaProcess(List<String> options, String main, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
		command.addAll(options);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
		command.addAll(List.of(arguments));
		this.process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.output.toFile())
			.start();
	}

	/** Waits until the process prints a line that contains the text. */
	JavaProcess awaitOutput(String text) {
		Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(10)).until(() -> {
			if (!this.process.isAlive()) {
				throw new IllegalStateException("The process ended:\n" + Files.readString(this.output));
			}
			return Files.readString(this.output).contains(text);
		});
		return this;
	}

	/**
	 * @return the exit code of a process that ends by itself
	 */
	int awaitEnd() throws InterruptedException {
		return this.process.waitFor();
	}

	/** As {@code kill -9} does. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	@Override
	public void close() throws IOException {
		kill();
		Files.delete(this.output);
	}

}
