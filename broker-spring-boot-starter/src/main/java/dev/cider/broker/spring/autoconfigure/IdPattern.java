package dev.cider.broker.spring.autoconfigure;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A pattern of the ids of endpoints that the application adds, as {@code tenant-*}: a
 * star stands for any characters, or for none.
 */
final class IdPattern {

	private final String written;

	private final Pattern exact;

	private final Pattern plain;

	IdPattern(String written) {
		this.written = written;
		this.exact = Pattern.compile(parts(written).map(Pattern::quote).collect(Collectors.joining(".*")),
				Pattern.DOTALL);
		this.plain = Pattern.compile(parts(written).map(WrittenKey::uniform).collect(Collectors.joining(".*")));
	}

	private static Stream<String> parts(String written) {
		return Arrays.stream(written.split("\\*", -1));
	}

	String written() {
		return this.written;
	}

	boolean matches(String id) {
		return this.exact.matcher(id).matches();
	}

	/**
	 * Whether an id that is written with its letters and digits only may match.
	 */
	boolean mayMatch(String plainId) {
		return !plainId.isEmpty() && this.plain.matcher(plainId).matches();
	}

	@Override
	public String toString() {
		return this.written;
	}

}
