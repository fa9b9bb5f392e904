package dev.cider.broker.engines;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

/**
 * Reads what others append to a file.
 */
@Component
class LogTail {

	private static final int PIECE = 1 << 20; // bytes read at once

	private final Path file;

	private final Consumer<String> lines;

	private Object inode; // of the file that was read last: after a crash, the bean is
							// the same

	private long position;

	LogTail(@Value("${log.file}") Path file, Consumer<String> lines) {
		this.file = file.toAbsolutePath(); // which has a parent
		this.lines = lines;
	}

	@Supervised
	void tail(EndpointContext context) throws IOException, InterruptedException {
		if (!inode().equals(this.inode)) {
			this.position = 0;
			this.inode = inode();
		}
		try (SeekableByteChannel log = Files.newByteChannel(this.file);
				WatchService changes = this.file.getFileSystem().newWatchService()) {
			this.file.getParent().register(changes, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
			context.ready();
			while (true) {
				boolean replaced = !inode().equals(this.inode); // before the last read
				read(log);
				if (replaced || log.size() < this.position) {
					this.inode = null;
					throw new IOException(this.file + " was replaced or cut");
				}
				await(changes);
			}
		}
	}

	/** To the end of the last line that is complete. */
	private void read(SeekableByteChannel log) throws IOException {
		int length;
		do {
			log.position(this.position);
			byte[] piece = Channels.newInputStream(log).readNBytes(PIECE);
			length = new String(piece, StandardCharsets.ISO_8859_1).lastIndexOf('\n') + 1;
			if (length == 0 && piece.length == PIECE) {
				throw new IOException(this.file + " has a line of more than " + PIECE + " bytes");
			}
			new String(piece, 0, length, StandardCharsets.UTF_8).lines().forEach(this.lines);
			this.position += length;
		}
		while (length > 0);
	}

	/** A number that a file keeps when it is renamed; 0 while there is no file. */
	private Object inode() throws IOException {
		try {
			return Files.getAttribute(this.file, "unix:ino");
		}
		catch (NoSuchFileException absent) {
			return 0;
		}
	}

	/** At least once per second: a file system of the network tells nothing. */
	private static void await(WatchService changes) throws InterruptedException {
		WatchKey changed = changes.poll(1, TimeUnit.SECONDS);
		if (changed != null) {
			changed.pollEvents();
			changed.reset();
		}
	}

}
