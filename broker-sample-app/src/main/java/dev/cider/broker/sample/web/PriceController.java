package dev.cider.broker.sample.web;

import dev.cider.broker.sample.feed.PriceFeed;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows the latest price, however old it is.
 */
@RestController
class PriceController {

	private final PriceFeed feed;

	PriceController(PriceFeed feed) {
		this.feed = feed;
	}

	@GetMapping("/sample/price")
	View price() {
		PriceFeed.Price latest = this.feed.latest();
		return (latest != null) ? new View(latest.value().toString(), latest.at().toEpochMilli())
				: new View(null, null);
	}

	/**
	 * The price for the page.
	 *
	 * @param value as text, so that no digit is lost
	 * @param at when it was received, in milliseconds since 1970
	 */
	record View(@Nullable String value, @Nullable Long at) {
	}

}
