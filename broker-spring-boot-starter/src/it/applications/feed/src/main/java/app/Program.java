package app;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An application in a JVM of its own. Whatever is waited for in vain, the message says
 * what the application printed. The limit only ends what would never end: a busy machine
 * needs minutes for what takes a second otherwise.
 */
public final class Program implements AutoCloseable {

	private static final Duration LIMIT = Duration.ofMinutes(4);

	private final Path output;

	private final Process process;

	private Program(Path output, Process process) {
		this.output = output;
		this.process = process;
	}

	/**
	 * Starts an application with this JVM's own program.
	 */
	public static Program start(String classPath, Class<?> application, String... arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-cp",
						classPath, application.getName()));
		command.addAll(List.of(arguments));
		Path output = Files.createTempFile("application", ".log");
		return new Program(output,
				new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start());
	}

	/**
	 * Waits until the application has printed something.
	 */
	public void awaitOutput(String expected) throws InterruptedException {
		long begin = System.nanoTime();
		while (!output().contains(expected)) {
			boolean ended = this.process.waitFor(20, TimeUnit.MILLISECONDS);
			if (ended && !output().contains(expected)) {
				throw new AssertionError("it ended without '" + expected + "'; it printed\n" + output());
			}
			if (System.nanoTime() - begin > LIMIT.toNanos()) {
				throw new AssertionError("it never printed '" + expected + "', but\n" + output());
			}
		}
	}

	/**
	 * Asks it to end, as {@code kill} does.
	 */
	public void terminate() {
		this.process.destroy();
	}

	/**
	 * Waits until it has ended with this exit code.
	 */
	public void awaitEnd(int expected) throws InterruptedException {
		if (!this.process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
			throw new AssertionError("it never ended; it printed\n" + output());
		}
		if (this.process.exitValue() != expected) {
			throw new AssertionError("it ended with " + this.process.exitValue() + " instead of " + expected
					+ "; it printed\n" + output());
		}
	}

	public String output() {
		try {
			return Files.readString(this.output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The lines that the application itself printed, which begin with {@code #}.
	 */
	public List<String> told() {
		return output().lines().filter((line) -> line.startsWith("# ")).map((line) -> line.substring(2)).toList();
	}

	@Override
	public void close() throws IOException {
		try {
			this.process.destroyForcibly().waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		Files.delete(this.output);
	}

}
