package dev.cider.broker.spring.autoconfigure;

import java.util.Collection;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Guesses the name that a misspelt name was meant to be.
 */
final class NearestName {

	private NearestName() {
	}

	/**
	 * The name with the fewest typing errors (smallest edit distance): a letter too many,
	 * missing or wrong, or two letters swapped. Only letters and digits count, without
	 * case.
	 * @return {@code null} if no name is similar enough
	 */
	static @Nullable String of(String written, Collection<String> names) {
		String nearest = null;
		int fewest = Integer.MAX_VALUE;
		for (String name : names) {
			int errors = typingErrors(plain(written), plain(name));
			// With more than half of the letters wrong, it is another name.
			if (errors < fewest && 2 * errors <= Math.max(plain(written).length(), plain(name).length())) {
				nearest = name;
				fewest = errors;
			}
		}
		return nearest;
	}

	/**
	 * Whether a name differs from what was meant by at most one error in five letters: so
	 * little that nobody means another name.
	 */
	static boolean isTypingError(String written, String meant) {
		return 5 * typingErrors(plain(written), plain(meant)) <= plain(meant).length();
	}

	private static String plain(String name) {
		return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
	}

	private static int typingErrors(String one, String other) {
		int[][] errors = new int[one.length() + 1][other.length() + 1];
		for (int i = 0; i <= one.length(); i++) {
			for (int j = 0; j <= other.length(); j++) {
				errors[i][j] = (i == 0 || j == 0) ? i + j : fewest(errors, one, other, i, j);
			}
		}
		return errors[one.length()][other.length()];
	}

	/** The fewest errors from the first i letters of one to the first j of the other. */
	private static int fewest(int[][] errors, String one, String other, int i, int j) {
		int wrong = (one.charAt(i - 1) != other.charAt(j - 1)) ? 1 : 0;
		int fewest = Math.min(errors[i - 1][j - 1] + wrong, Math.min(errors[i - 1][j], errors[i][j - 1]) + 1);
		boolean swapped = i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
				&& one.charAt(i - 2) == other.charAt(j - 1);
		return swapped ? Math.min(fewest, errors[i - 2][j - 2] + 1) : fewest;
	}

}
