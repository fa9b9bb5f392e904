package app;

import org.springframework.cache.annotation.Cacheable;
import org.springframework.stereotype.Service;

@Service
class Prices {

	private final PriceSource source;

	Prices(PriceSource source) {
		this.source = source;
	}

	@Cacheable("prices")
	public int of(String symbol) {
		return this.source.priceOf(symbol);
	}

}
