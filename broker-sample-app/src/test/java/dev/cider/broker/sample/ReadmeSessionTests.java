package dev.cider.broker.sample;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import dev.cider.broker.sample.exchange.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The session that the README shows, with the programs it names: what it says is typed,
 * and what it shows must come.
 */
@Timeout(600)
class ReadmeSessionTests {

	/** In seconds, for what a program does; a busy machine starts Python slowly. */
	private static final long LIMIT = 120;

	/** What the WebSocket client moves the cursor with. */
	private static final Pattern CURSOR = Pattern.compile("\u001b(\\[[A-Z]|[78])|\r");

	/**
	 * Makes Python say when the provider thinks: the call has reached it then. The third
	 * call has to be unanswered when the crash comes, and a busy machine starts curl
	 * slowly, too.
	 */
	private static final String TELLING = """
			import time
			sleep = time.sleep
			calls = 0
			def telling(seconds):
			    global calls
			    calls += 1
			    print("thinking", flush=True)
			    sleep(20 if calls == 3 else seconds)
			time.sleep = telling
			""";

	private final int http = TestSocketUtils.findAvailableTcpPort();

	private final int tcp = TestSocketUtils.findAvailableTcpPort();

	private final int websocket = TestSocketUtils.findAvailableTcpPort();

	private final int zeromq = TestSocketUtils.findAvailableTcpPort();

	private final List<Process> programs = new ArrayList<>();

	private final BlockingQueue<String> shown = new LinkedBlockingQueue<>();

	@TempDir
	private Path directory;

	private ConfigurableApplicationContext sample;

	@BeforeEach
	void start() throws Exception {
		assumeTrue(runs("/usr/bin/python3", "-c", "import zmq, websockets"),
				"python3-zmq and python3-websockets are not installed");
		assumeTrue(runs("sh", "-c", "command -v nc && command -v curl"), "nc or curl is not installed");
		this.sample = SpringApplication.run(SampleApplication.class, "--server.port=" + this.http,
				"--sample.tcp.port=" + this.tcp, "--sample.websocket.port=" + this.websocket,
				"--sample.zeromq.port=" + this.zeromq,
				"--sample.market.port=" + TestSocketUtils.findAvailableTcpPort());
		// The start of an application waits for no endpoint, and a client tries but once.
		for (int port : List.of(this.tcp, this.websocket, this.zeromq)) {
			Awaitility.await().atMost(LIMIT, TimeUnit.SECONDS).until(() -> isOpen(port));
		}
	}

	private static boolean isOpen(int port) {
		try (Socket client = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
			return client.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

	@AfterEach
	void stop() {
		this.programs.forEach(Process::destroyForcibly);
		if (this.sample != null) {
			this.sample.close();
		}
	}

	private static boolean runs(String... command) {
		try {
			return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
		}
		catch (IOException | InterruptedException ex) {
			return false;
		}
	}

	@Test
	void theSessionGoesAsTheReadmeShows() throws Exception {
		Files.writeString(this.directory.resolve("add.py"), String.join("\n", block("python")));
		Files.writeString(this.directory.resolve("sitecustomize.py"), TELLING);
		List<String> session = block("console");
		assertThat(session).hasSizeGreaterThan(10);
		OutputStream keyboard = OutputStream.nullOutputStream();
		for (String line : session) {
			if (line.startsWith("$ ")) {
				Process program = start(line.substring(2));
				keyboard = line.startsWith("$ curl") ? keyboard : program.getOutputStream();
			}
			else if (line.contains("\"method\"")) {
				awaitProvider();
				keyboard.write((line.replaceFirst("^> ", "") + "\n").getBytes(StandardCharsets.UTF_8));
				keyboard.flush();
				awaitShown("thinking");
			}
			else {
				awaitShown(line);
			}
		}
	}

	private List<String> block(String language) throws IOException {
		List<String> lines = new ArrayList<>();
		Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
			.matcher(Files.readString(Path.of("README.md")))
			.results()
			.forEach((match) -> match.group(1).lines().map(this::atTheseAddresses).forEach(lines::add));
		return lines;
	}

	private String atTheseAddresses(String line) {
		return line.replace("8080", "" + this.http)
			.replace("7070", "" + this.tcp)
			.replace("7071", "" + this.websocket)
			.replace("7072", "" + this.zeromq)
			// There it is one address, whatever else the name means on this machine
			.replace("localhost", "127.0.0.1");
	}

	private Process start(String command) throws IOException {
		ProcessBuilder builder = new ProcessBuilder("sh", "-c",
				"exec " + command.replace(" &", "").replace("python3", "/usr/bin/python3"))
			.directory(this.directory.toFile())
			.redirectErrorStream(true);
		builder.environment().put("PYTHONPATH", this.directory.toString());
		Process program = builder.start();
		this.programs.add(program);
		Thread reader = new Thread(() -> read(program), "reader of " + command);
		reader.setDaemon(true);
		reader.start();
		return program;
	}

	private void read(Process program) {
		try (BufferedReader output = program.inputReader()) {
			output.lines().map((line) -> CURSOR.matcher(line).replaceAll("")).forEach(this.shown::add);
		}
		catch (IOException | UncheckedIOException ex) {
			// It was ended
		}
	}

	private void awaitProvider() {
		Exchange exchange = this.sample.getBean(Exchange.class);
		Awaitility.await().atMost(LIMIT, TimeUnit.SECONDS).until(() -> exchange.methods().contains("add"));
	}

	private void awaitShown(String expected) throws InterruptedException {
		List<String> others = new ArrayList<>();
		for (String line = ""; !expected.equals(line); others.add(line)) {
			line = this.shown.poll(LIMIT, TimeUnit.SECONDS);
			assertThat(line).as("%s comes after %s", expected, others).isNotNull();
		}
	}

}
