package dev.cider.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reading a Throwable survives everything a Throwable can do.
 */
class FailureTests {

	private static Failure read(Throwable error) {
		return Failure.of(error, (any) -> false, (broken) -> {
		});
	}

	@Test
	void aMessageIsCut() {
		assertThat(read(new Exception("x".repeat(5000))).message()).hasSize(Failure.MESSAGE_LIMIT);
		assertThat(read(new Exception()).message()).isNull();
	}

	@Test
	void aThrowableWhoseMethodsThrowIsReadAllTheSame() {
		Failure failure = read(new HostileException());
		assertThat(failure.type()).isEqualTo(HostileException.class.getName());
		assertThat(failure.message()).isEqualTo("(its getMessage threw java.lang.LinkageError)");
	}

	@Test
	void aCircleOfCausesIsReadOnce() {
		Exception outer = new Exception("outer");
		Exception inner = new Exception("inner", outer);
		outer.initCause(inner);
		List<Throwable> asked = new ArrayList<>();
		assertThat(Failure.of(outer, (error) -> {
			asked.add(error);
			return false;
		}, (broken) -> {
		}).fatal()).isFalse();
		assertThat(asked).contains(outer, inner);
	}

	@Test
	void aPredicateThatThrowsSaysNoAndIsTold() {
		List<Throwable> told = new ArrayList<>();
		Failure failure = Failure.of(new Exception(), (error) -> {
			throw new LinkageError("broken");
		}, told::add);
		assertThat(failure.fatal()).isFalse();
		assertThat(told).singleElement().isInstanceOf(LinkageError.class);
	}

	@Test
	void theSameCrashHasTheSameFingerprintAndAnotherHasAnother() {
		List<Failure> same = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			same.add(read(new IllegalStateException("number " + i)));
		}
		assertThat(same.get(0).fingerprint().value()).isEqualTo(same.get(1).fingerprint().value());
		assertThat(read(new IllegalStateException("number 0")).fingerprint().value())
			.isNotEqualTo(same.get(0).fingerprint().value());
	}

	@Test
	void g9AStackThatIsReadByUserCodeIsReadAtOnceAndOnce() {
		AtomicInteger asked = new AtomicInteger();
		@SuppressWarnings("serial")
		class Asked extends Exception {

			@Override
			public StackTraceElement[] getStackTrace() {
				asked.incrementAndGet();
				return super.getStackTrace();
			}

		}
		Failure failure = read(new Exception(new Asked()));
		assertThat(asked).hasValue(1);
		assertThat(failure.fingerprint().value()).isEqualTo(failure.fingerprint().value());
		assertThat(asked).hasValue(1);
	}

	@Test
	void g9AThrowableWhoseClassLoaderThrowsIsReadAllTheSame() throws Exception {
		Class<?> incomplete = new ClosedClassLoader().loadClass(IncompleteException.class.getName());
		Throwable error = (Throwable) incomplete.getConstructor().newInstance();
		Failure failure = read(error);
		assertThat(failure.type()).isEqualTo(IncompleteException.class.getName());
		assertThat(failure.fingerprint().value()).isEqualTo(failure.fingerprint().value());
	}

	/** Looking at its methods loads the class that is missing. */
	@SuppressWarnings("serial")
	public static final class IncompleteException extends Exception {

		public IncompleteException() {
		}

		public void needs(Missing missing) {
		}

	}

	static final class Missing {

	}

	/** Refuses to load more, as that of a stopped web application does. */
	private static final class ClosedClassLoader extends ClassLoader {

		ClosedClassLoader() {
			super(FailureTests.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.equals(Missing.class.getName())) {
				throw new IllegalStateException("stopped");
			}
			return name.equals(IncompleteException.class.getName()) ? defineOwn(name) : super.loadClass(name, resolve);
		}

		private Class<?> defineOwn(String name) {
			String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
			try (InputStream bytes = FailureTests.class.getResourceAsStream(file)) {
				byte[] read = bytes.readAllBytes();
				return defineClass(name, read, 0, read.length);
			}
			catch (IOException unreadable) {
				throw new UncheckedIOException(unreadable);
			}
		}

	}

	@SuppressWarnings("serial")
	private static final class HostileException extends Exception {

		@Override
		public String getMessage() {
			throw new LinkageError("no message");
		}

		@Override
		public synchronized Throwable getCause() {
			throw new LinkageError("no cause");
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			throw new LinkageError("no stack");
		}

	}

}
