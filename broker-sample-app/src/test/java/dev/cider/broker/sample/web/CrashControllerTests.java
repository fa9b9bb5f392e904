package dev.cider.broker.sample.web;

import java.time.Clock;

import dev.cider.broker.sample.exchange.Exchange;
import org.junit.jupiter.api.Test;

import org.springframework.http.HttpStatus;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When the page must not crash anything.
 */
class CrashControllerTests {

	@Test
	void whereClientsMayNotCrashATransportThePageMayNotEither() {
		assertThat(controller(false).crash("tcp").getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN);
		assertThat(controller(true).crash("tcp").getStatusCode()).isEqualTo(HttpStatus.CONFLICT);
	}

	private static CrashController controller(boolean crashEnabled) {
		return new CrashController(new Exchange(Clock.systemUTC(), crashEnabled), new CrashableEndpoints());
	}

}
