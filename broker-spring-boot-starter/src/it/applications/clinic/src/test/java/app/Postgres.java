package app;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

/**
 * A PostgreSQL server with a cluster of its own, which it leaves nothing of. It runs as the
 * user {@code postgres} if the tests run as root, which PostgreSQL refuses.
 */
final class Postgres implements AutoCloseable {

	static final String MISSING = "PostgreSQL is not installed, so no application with a database is tested: "
			+ "apt-get install postgresql";

	private static final Duration LIMIT = Duration.ofMinutes(4);

	private static final String OWNER = "postgres";

	private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

	private final Path directory;

	private final int port;

	private final Process server;

	Postgres() throws Exception {
		this.directory = Files.createTempDirectory("cluster");
		if (ROOT) {
			Files.setOwner(this.directory,
					this.directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(OWNER));
		}
		Process initialised = start("initdb", "-D", data(), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale",
				"--no-sync");
		if (!initialised.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || initialised.exitValue() != 0) {
			throw new IllegalStateException("initdb failed:\n" + log());
		}
		this.port = freePort();
		this.server = start("postgres", "-D", data(), "-p", "" + this.port, "-c", "listen_addresses=127.0.0.1", "-c",
				"unix_socket_directories=", "-c", "fsync=off");
		Awaitility.await().atMost(LIMIT).until(this::isReady);
	}

	static boolean isInstalled() {
		return programs().isPresent();
	}

	/** Those of the newest version. */
	private static Optional<Path> programs() {
		try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
			return versions.map((version) -> version.resolve("bin"))
				.filter((bin) -> Files.isExecutable(bin.resolve("initdb")))
				.max(Comparator.comparingInt((bin) -> Integer.parseInt(bin.getParent().getFileName().toString())));
		}
		catch (IOException absent) {
			return Optional.empty();
		}
	}

	private Process start(String program, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		if (ROOT) {
			// Becomes the program, so a signal reaches it.
			command.addAll(List.of("setpriv", "--reuid=" + OWNER, "--regid=" + OWNER, "--clear-groups"));
		}
		command.add(programs().orElseThrow().resolve(program).toString());
		command.addAll(List.of(arguments));
		return new ProcessBuilder(command).directory(this.directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(logFile()))
			.start();
	}

	private String data() {
		return this.directory.resolve("data").toString();
	}

	private File logFile() {
		return this.directory.resolve("log").toFile();
	}

	private String log() {
		try {
			return Files.readString(logFile().toPath());
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	private boolean isReady() {
		if (!this.server.isAlive()) {
			throw new IllegalStateException("The server ended:\n" + log());
		}
		try {
			query("SELECT 1");
			return true;
		}
		catch (SQLException notYet) {
			return false;
		}
	}

	String url() {
		return "jdbc:postgresql://127.0.0.1:" + this.port + "/postgres?user=" + OWNER;
	}

	/**
	 * Asks past the application.
	 * @return the first column
	 */
	List<String> query(String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url()); Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			List<String> column = new ArrayList<>();
			while (rows.next()) {
				column.add(rows.getString(1));
			}
			return column;
		}
	}

	void execute(String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url());
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	@Override
	public void close() throws Exception {
		// Its "fast" shutdown: whoever is still connected is cut off.
		new ProcessBuilder("kill", "-INT", "" + this.server.pid()).start().waitFor();
		if (!this.server.waitFor(1, TimeUnit.MINUTES)) {
			this.server.destroyForcibly().waitFor();
		}
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
