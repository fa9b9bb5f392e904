package dev.cider.broker;

import java.util.List;

/**
 * Tells one kind of crash from another: a hash of the types and top frames of an error
 * and its causes.
 * <p>
 * Reading stack frames is the most expensive part of a crash, and only the log needs
 * them. So the log's thread reads them. If an error overrides {@code getStackTrace}, that
 * is user code and is called at once, on the thread that caught the error.
 */
final class Fingerprint {

	private static final int TOP_FRAMES = 5;

	private static final int[] NONE = {};

	private static final ClassValue<Boolean> READS_ITS_OWN_STACK = new ClassValue<>() {
		@Override
		protected Boolean computeValue(Class<?> type) {
			try {
				return type.getMethod("getStackTrace").getDeclaringClass() != Throwable.class;
			}
			catch (Throwable incomplete) {
				// Looking up its methods calls its class loader, which may be user code.
				return true;
			}
		}
	};

	private final List<Throwable> chain;

	private final int[] frames;

	private Fingerprint(List<Throwable> chain, int[] frames) {
		this.chain = chain;
		this.frames = frames;
	}

	/**
	 * The fingerprint of an error.
	 * @param chain the error and its causes
	 */
	static Fingerprint of(List<Throwable> chain) {
		int[] frames = null;
		for (int i = 0; i < chain.size(); i++) {
			if (READS_ITS_OWN_STACK.get(chain.get(i).getClass())) {
				frames = (frames != null) ? frames : new int[chain.size()];
				frames[i] = frames(chain.get(i));
			}
		}
		return new Fingerprint(chain, (frames != null) ? frames : NONE);
	}

	/**
	 * Equal for crashes of the same kind. Runs no user code.
	 */
	int value() {
		int hash = 1;
		for (int i = 0; i < this.chain.size(); i++) {
			Throwable error = this.chain.get(i);
			hash = 31 * hash + error.getClass().getName().hashCode();
			hash = 31 * hash + (READS_ITS_OWN_STACK.get(error.getClass()) ? this.frames[i] : frames(error));
		}
		return hash;
	}

	@Override
	public String toString() {
		return "Fingerprint[" + this.chain.size() + " errors]";
	}

	private static int frames(Throwable error) {
		try {
			StackTraceElement[] frames = error.getStackTrace();
			int hash = 1;
			for (int i = 0; i < Math.min(TOP_FRAMES, frames.length); i++) {
				hash = 31 * hash + frames[i].hashCode();
			}
			return hash;
		}
		catch (Throwable broken) {
			// Only its type tells the kind then.
			return 0;
		}
	}

}
