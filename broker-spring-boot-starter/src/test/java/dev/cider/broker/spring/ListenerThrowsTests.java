package dev.cider.broker.spring;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many stacks of one broken listener the log gets.
 */
class ListenerThrowsTests {

	private static final long MINUTE = 60_000_000_000L;

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - MINUTE / 2);

	private final ListenerThrows thrown = new ListenerThrows(this.nanos::get);

	@Test
	void aStackIsLoggedOncePerMinuteAndClassAndTheOthersAreCounted() {
		assertThat(this.thrown.count("pager", IllegalStateException.class)).isZero();
		assertThat(this.thrown.count("pager", IllegalStateException.class)).isEqualTo(1);
		assertThat(this.thrown.count("pager", LinkageError.class)).isZero();
		this.nanos.addAndGet(MINUTE - 1);
		assertThat(this.thrown.count("pager", IllegalStateException.class)).isEqualTo(2);
		this.nanos.addAndGet(1);
		assertThat(this.thrown.count("pager", IllegalStateException.class)).isZero();
		assertThat(this.thrown.count("pager", IllegalStateException.class)).isEqualTo(1);
	}

	@Test
	void eachListenerHasAStackOfItsOwn() {
		this.thrown.count("pager", IllegalStateException.class);
		assertThat(this.thrown.count("mail", IllegalStateException.class)).isZero();
	}

}
