package dev.cider.broker.lease;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The text of one lease, as it is in the store:
 * {@code broker-lease-1;holder=pod-a~5f3c;token=7;beat=42;duration=30000;load=3;claim=}.
 * <p>
 * The number after {@code broker-lease} is the version. A later release may append
 * fields, which this one ignores. What changes the meaning of a field changes the version
 * too: a text of another version is refused, as is any other text that was not written
 * here. So a damaged text is never mistaken for a free lease.
 *
 * @param holder the identity of the node that has the lease; {@code null} if it was
 * released
 * @param token the fencing token: grows with each change of holder, and never falls
 * @param beat grows with each change that the holder makes
 * @param duration how long the text must stand still until another node may take the
 * lease, in whole milliseconds
 * @param load how many leases the holder has
 * @param claim the identity of the node that asks for the lease; in a released one, of
 * the node that it was released for; {@code null} for none
 */
record LeaseText(@Nullable String holder, long token, long beat, Duration duration, int load, @Nullable String claim) {

	static final String NODE_RULE = "must have 1 to 200 characters, each an ASCII letter, a digit or one of . _ ~ : @ -";

	private static final String VERSION = "broker-lease-1";

	private static final String NODE = "[A-Za-z0-9._~:@-]{1,200}";

	private static final String NUMBER = "0|[1-9][0-9]{0,17}";

	private static final Pattern FORMAT = Pattern
		.compile(VERSION + ";holder=(" + NODE + ")?;token=(" + NUMBER + ");beat=(" + NUMBER + ");duration=(" + NUMBER
				+ ");load=(0|[1-9][0-9]{0,8});claim=(" + NODE + ")?(?:;[a-z][a-z-]*=[^;=]*)*");

	private static final Pattern NODE_PATTERN = Pattern.compile(NODE);

	/** A damaged text may be long. */
	private static final int MOST_SHOWN = 80;

	LeaseText {
		if (token < 1 || duration.toMillis() < 1) {
			throw new IllegalArgumentException(
					"Invalid lease (token " + token + ", duration " + duration + "): both must be positive");
		}
	}

	static boolean isNode(String id) {
		return NODE_PATTERN.matcher(id).matches();
	}

	/**
	 * Reads a text from a store.
	 * @throws IllegalArgumentException if it is not one of this version; the message says
	 * what to do
	 */
	static LeaseText parse(String text) {
		Matcher matcher = FORMAT.matcher(text);
		if (!matcher.matches()) {
			String rule = (text.startsWith("broker-lease-") && !text.startsWith(VERSION + ";"))
					? "is of another version than " + VERSION + "; run the same release of broker on all nodes"
					: "is not a lease text; delete it once no node has run the endpoint for longer than the duration";
			throw new IllegalArgumentException("Invalid lease text ('" + shown(text) + "'): " + rule);
		}
		try {
			return new LeaseText(matcher.group(1), Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)),
					Duration.ofMillis(Long.parseLong(matcher.group(4))), Integer.parseInt(matcher.group(5)),
					matcher.group(6));
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("Invalid lease text ('" + shown(text) + "'): token and duration "
					+ "must be positive; delete it once no node has run the endpoint for longer than the duration");
		}
	}

	private static String shown(String text) {
		String line = text.replaceAll("\\p{Cntrl}", "?");
		return (line.length() <= MOST_SHOWN) ? line : line.substring(0, MOST_SHOWN) + "…";
	}

	/**
	 * As it is written to a store.
	 */
	String format() {
		return VERSION + ";holder=" + orEmpty(this.holder) + ";token=" + this.token + ";beat=" + this.beat
				+ ";duration=" + this.duration.toMillis() + ";load=" + this.load + ";claim=" + orEmpty(this.claim);
	}

	private static String orEmpty(@Nullable String node) {
		return (node != null) ? node : "";
	}

	/**
	 * Whether the holder has not changed the text in between. A claim is written by
	 * others, so it is no sign that the holder lives.
	 */
	boolean hasStoodStillSince(LeaseText earlier) {
		return this.token == earlier.token && this.beat == earlier.beat
				&& orEmpty(this.holder).equals(orEmpty(earlier.holder));
	}

}
