package dev.cider.broker;

import java.util.function.Supplier;

/**
 * The worst that can be thrown. Each makes a new one, or is thrown by the machine itself.
 */
@SuppressWarnings("serial")
enum Hell {

	PLAIN(Exception::new),

	MESSAGE_THROWS(MessageThrows::new),

	LOCALIZED_MESSAGE_THROWS(LocalizedMessageThrows::new),

	TO_STRING_THROWS(ToStringThrows::new),

	EQUALS_AND_HASH_CODE_THROW(EqualsAndHashCodeThrow::new),

	STACK_TRACE_THROWS(() -> new WithStack(() -> {
		throw new LinkageError("no stack");
	})),

	STACK_TRACE_IS_NULL(() -> new WithStack(() -> null)),

	STACK_TRACE_HOLDS_NULLS(() -> new WithStack(() -> new StackTraceElement[10])),

	CAUSE_THROWS(CauseThrows::new),

	FILL_IN_THROWS(() -> {
		throw new FillInThrows();
	}),

	PRINT_THROWS(PrintThrows::new),

	EVERYTHING_THROWS_ITSELF(EverythingThrowsItself::new),

	MESSAGE_RECURS(MessageRecurs::new),

	MESSAGE_INTERRUPTS(MessageInterrupts::new),

	ITS_OWN_CAUSE(ItsOwnCause::new),

	CIRCLE_OF_TWO_CAUSES(() -> {
		Exception outer = new Exception("outer");
		outer.initCause(new Exception("inner", outer));
		return outer;
	}),

	CIRCLE_OF_SUPPRESSED(() -> {
		Exception one = new Exception("one");
		Exception other = new Exception("other");
		one.addSuppressed(other);
		other.addSuppressed(one);
		return one;
	}),

	HUNDRED_THOUSAND_CAUSES(() -> {
		Exception chain = new Exception("innermost");
		for (int i = 0; i < 100_000; i++) {
			chain = new Link(chain);
		}
		return chain;
	}),

	HUGE_MESSAGE(() -> new Exception("x".repeat(100_000_000))),

	MESSAGE_OF_CONTROL_CHARACTERS(() -> new Exception("\0\r\n\u001b[2J\u0085\u2028{}%s\uD800")),

	STACK_OVERFLOW(Hell::recur),

	OUT_OF_MEMORY(() -> new Exception(String.valueOf(new long[Integer.MAX_VALUE - 8].length))),

	THREAD_DEATH(() -> new Error() {
	}),

	NO_CLASS(NoClassDefFoundError::new),

	INITIALIZER(() -> {
		BrokenInitializer.touch();
		return new Exception("initialised");
	}),

	LINKAGE(LinkageError::new),

	INTERRUPTED(InterruptedException::new),

	BARE_THROWABLE(Throwable::new);

	private final Maker maker;

	Hell(Maker maker) {
		this.maker = maker;
	}

	/**
	 * A new one, or what the machine threw instead.
	 */
	Throwable make() {
		try {
			return this.maker.make();
		}
		catch (Throwable thrown) {
			return thrown;
		}
	}

	@SuppressWarnings("unchecked")
	static <E extends Throwable> RuntimeException sneak(Throwable error) throws E {
		throw (E) error;
	}

	@SuppressWarnings("InfiniteRecursion")
	private static Throwable recur() {
		Throwable deeper = recur();
		return new Exception(deeper);
	}

	/**
	 * Makes a Throwable, or fails with one.
	 */
	private interface Maker {

		Throwable make() throws Throwable;

	}

	private static final class BrokenInitializer {

		private static final int NEVER = Integer.parseInt("not a number");

		static int touch() {
			return NEVER;
		}

	}

	/** One of many: without a stack, for that would take long. */
	private static final class Link extends Exception {

		Link(Throwable cause) {
			super("outer", cause, false, false);
		}

	}

	private static final class MessageThrows extends Exception {

		@Override
		public String getMessage() {
			throw new LinkageError("no message");
		}

	}

	private static final class LocalizedMessageThrows extends Exception {

		@Override
		public String getLocalizedMessage() {
			throw new LinkageError("no localized message");
		}

	}

	private static final class ToStringThrows extends Exception {

		@Override
		public String toString() {
			throw new LinkageError("no string");
		}

	}

	private static final class EqualsAndHashCodeThrow extends Exception {

		@Override
		public boolean equals(Object other) {
			throw new LinkageError("no equals");
		}

		@Override
		public int hashCode() {
			throw new LinkageError("no hash code");
		}

	}

	private static final class WithStack extends Exception {

		private final transient Supplier<StackTraceElement[]> stack;

		WithStack(Supplier<StackTraceElement[]> stack) {
			this.stack = stack;
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			return this.stack.get();
		}

	}

	private static final class CauseThrows extends Exception {

		@Override
		public synchronized Throwable getCause() {
			throw new LinkageError("no cause");
		}

	}

	private static final class FillInThrows extends Exception {

		@Override
		public synchronized Throwable fillInStackTrace() {
			throw new LinkageError("not filled in");
		}

	}

	private static final class PrintThrows extends Exception {

		@Override
		public void printStackTrace(java.io.PrintStream stream) {
			throw new LinkageError("not printed");
		}

		@Override
		public void printStackTrace(java.io.PrintWriter writer) {
			throw new LinkageError("not printed");
		}

	}

	private static final class EverythingThrowsItself extends RuntimeException {

		@Override
		public String getMessage() {
			throw this;
		}

		@Override
		public synchronized Throwable getCause() {
			throw this;
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			throw this;
		}

		@Override
		public String toString() {
			throw this;
		}

		@Override
		public boolean equals(Object other) {
			throw this;
		}

		@Override
		public int hashCode() {
			throw this;
		}

	}

	private static final class MessageRecurs extends Exception {

		@Override
		public String getMessage() {
			return "again " + getMessage();
		}

	}

	private static final class MessageInterrupts extends Exception {

		@Override
		public String getMessage() {
			Thread.currentThread().interrupt();
			return "interrupted its reader";
		}

	}

	private static final class ItsOwnCause extends Exception {

		@Override
		public synchronized Throwable getCause() {
			return this;
		}

	}

}
