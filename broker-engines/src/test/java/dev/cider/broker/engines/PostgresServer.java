package dev.cider.broker.engines;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.awaitility.Awaitility;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.test.util.TestSocketUtils;

/**
 * A PostgreSQL server with a cluster of its own, which it leaves nothing of. It runs as
 * the user {@code postgres} if the tests run as root, which PostgreSQL refuses.
 */
final class PostgresServer implements AutoCloseable {

	static final String MISSING = "PostgreSQL is not installed, so no engine that needs it is tested: "
			+ "apt-get install postgresql";

	/** Only ends what would never end: a busy machine needs minutes for seconds. */
	private static final Duration LIMIT = Duration.ofMinutes(4);

	private static final String OWNER = "postgres";

	private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

	private final Path directory;

	private final int port = TestSocketUtils.findAvailableTcpPort();

	private Process server;

	PostgresServer() throws Exception {
		this.directory = Files.createTempDirectory("cluster");
		if (ROOT) {
			Files.setOwner(this.directory,
					this.directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(OWNER));
		}
		Process initialised = run("initdb", "-D", data(), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale",
				"--no-sync");
		if (!initialised.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || initialised.exitValue() != 0) {
			throw new IllegalStateException("initdb failed:\n" + log());
		}
		start();
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

	private Process run(String program, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		if (ROOT) {
			// Becomes the program, so a signal reaches it.
			command.addAll(List.of("setpriv", "--reuid=" + OWNER, "--regid=" + OWNER, "--clear-groups"));
		}
		command.add(programs().orElseThrow().resolve(program).toString());
		command.addAll(Arrays.asList(arguments));
		return new ProcessBuilder(command).directory(this.directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(logFile()))
			.start();
	}

	/** Returns when the server answers. */
	void start() throws IOException {
		this.server = run("postgres", "-D", data(), "-p", "" + this.port, "-c", "listen_addresses=127.0.0.1", "-c",
				"unix_socket_directories=", "-c", "fsync=off", "-c", "wal_level=logical");
		Awaitility.await().atMost(LIMIT).until(this::isReady);
	}

	/** Kills the server with all its processes, which can do nothing about it. */
	void kill() {
		List<ProcessHandle> all = Stream.concat(Stream.of(this.server.toHandle()), this.server.descendants()).toList();
		all.forEach(ProcessHandle::destroyForcibly);
		for (ProcessHandle process : all) {
			process.onExit().join();
		}
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
			execute("SELECT 1");
			return true;
		}
		catch (SQLException notYet) {
			return false;
		}
	}

	int port() {
		return this.port;
	}

	String url(int port) {
		return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?loginTimeout=5&user=" + OWNER;
	}

	DataSource dataSource(int port) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setServerNames(new String[] { "127.0.0.1" });
		dataSource.setPortNumbers(new int[] { port });
		dataSource.setDatabaseName("postgres");
		dataSource.setUser(OWNER);
		dataSource.setConnectTimeout(5);
		return dataSource;
	}

	/** Past the engine. */
	void execute(String sql) throws SQLException {
		try (Connection connection = dataSource(this.port).getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** Whether the query has a row. */
	boolean answers(String sql) throws SQLException {
		try (Connection connection = dataSource(this.port).getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			return rows.next();
		}
	}

	@Override
	public void close() throws IOException {
		kill();
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

}
