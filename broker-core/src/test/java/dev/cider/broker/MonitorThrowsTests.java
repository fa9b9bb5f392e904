package dev.cider.broker;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many stacks of one broken monitor the log gets.
 */
class MonitorThrowsTests {

	private static final long MINUTE = 60_000_000_000L;

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - MINUTE / 2);

	private final MonitorThrows thrown = new MonitorThrows(this.nanos::get);

	@Test
	void aStackIsLoggedOncePerMinuteAndClassAndTheOthersAreCounted() {
		assertThat(this.thrown.count(IllegalStateException.class)).isZero();
		assertThat(this.thrown.count(IllegalStateException.class)).isEqualTo(1);
		assertThat(this.thrown.count(LinkageError.class)).isZero();
		this.nanos.addAndGet(MINUTE - 1);
		assertThat(this.thrown.count(IllegalStateException.class)).isEqualTo(2);
		this.nanos.addAndGet(1);
		assertThat(this.thrown.count(IllegalStateException.class)).isZero();
		assertThat(this.thrown.count(IllegalStateException.class)).isEqualTo(1);
	}

}
