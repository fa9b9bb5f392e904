package app;

import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.stereotype.Component;

/**
 * Where prices come from; counts how often it was asked.
 */
@Component
class PriceSource {

	private final AtomicInteger asked = new AtomicInteger();

	int priceOf(String symbol) {
		this.asked.incrementAndGet();
		return symbol.length();
	}

	int asked() {
		return this.asked.get();
	}

}
