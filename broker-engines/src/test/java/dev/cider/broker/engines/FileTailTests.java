package dev.cider.broker.engines;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A file that is removed, one that is replaced, and one that is cut.
 */
class FileTailTests {

	@TempDir
	private Path directory;

	private EngineApplication run() throws Exception {
		append("first\n");
		EngineApplication application = new EngineApplication("logTail", LogTail.class,
				Map.of("log.file", file().toString()), Map.of());
		application.awaitReceived("first");
		append("sec");
		append("ond\nthird\n");
		application.awaitReceived("second");
		application.awaitReceived("third");
		return application;
	}

	private Path file() {
		return this.directory.resolve("log");
	}

	private void append(String text) throws Exception {
		Files.writeString(file(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

	@Test
	void readsTheNextFileAfterItsOwnWasRemoved() throws Exception {
		try (EngineApplication application = run()) {
			application.outageBegins();
			Files.delete(file());
			application.awaitCrashes(2);
			assertThat(application.lastCrash().type()).isEqualTo("java.nio.file.NoSuchFileException");
			append("fourth\n");
			application.outageEnds();
			application.awaitReceived("fourth");
			application.tellRecovery("File: it is removed");
		}
	}

	@Test
	void readsTheNextFileAfterItsOwnWasRenamed() throws Exception {
		try (EngineApplication application = run()) {
			application.outageBegins();
			append("fourth\n");
			Files.move(file(), file().resolveSibling("log.1"));
			append("fifth\n");
			application.outageEnds();
			application.awaitReceived("fourth");
			application.awaitReceived("fifth");
			application.tellRecovery("File: it is renamed, and a new one takes its name");
		}
	}

	@Test
	void readsFromTheBeginningAfterTheFileWasCut() throws Exception {
		try (EngineApplication application = run()) {
			application.outageBegins();
			Files.writeString(file(), "4\n");
			application.awaitReceived("4");
			application.tellRecovery("File: it is cut");
			assertThat(application.lastCrash().message()).endsWith("was replaced or cut");
		}
	}

	/** The parent of such a name is only known when it is absolute. */
	@Test
	void readsAFileWithoutADirectoryInItsName() throws Exception {
		try (EngineApplication application = new EngineApplication("logTail", LogTail.class,
				Map.of("log.file", "pom.xml"), Map.of())) {
			application.awaitReceived("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
		}
	}

	/** What ends in the middle of a line is told with the next piece. */
	@Test
	void readsALargeFileInPieces() throws Exception {
		String line = "\u00e4".repeat(50_000);
		append((line + "\n").repeat(40));
		append("last\n");
		try (EngineApplication application = new EngineApplication("logTail", LogTail.class,
				Map.of("log.file", file().toString()), Map.of())) {
			for (int read = 0; read < 40; read++) {
				application.awaitReceived(line);
			}
			application.awaitReceived("last");
			assertThat(application.endpoint().crashes()).isZero();
		}
	}

	@Test
	void saysThatALineIsTooLong() throws Exception {
		append("x".repeat(1 << 20));
		try (EngineApplication application = new EngineApplication("logTail", LogTail.class,
				Map.of("log.file", file().toString()), Map.of())) {
			application.awaitCrashes(1);
			assertThat(application.lastCrash().message()).endsWith("has a line of more than 1048576 bytes");
		}
	}

	@Test
	void goesOnWhereItWasAfterAnotherCrash() throws Exception {
		try (EngineApplication application = run()) {
			application.failNext("fourth");
			append("fourth\nfifth\n");
			application.awaitReceived("fourth");
			application.awaitReceived("fifth");
			assertThat(application.endpoint().crashes()).isEqualTo(1);
		}
	}

}
