package dev.cider.broker.sample.web;

import java.util.SortedSet;

import dev.cider.broker.sample.exchange.Exchange;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows the exchange, over all transports together.
 */
@RestController
class ExchangeController {

	private final Exchange exchange;

	ExchangeController(Exchange exchange) {
		this.exchange = exchange;
	}

	@GetMapping("/sample/exchange")
	View exchange() {
		return new View(this.exchange.methods(), this.exchange.clients(), this.exchange.calls());
	}

	/**
	 * The exchange at one moment.
	 *
	 * @param methods the names of the methods that can be called
	 * @param clients how many clients are connected
	 * @param calls how many calls came in so far
	 */
	record View(SortedSet<String> methods, int clients, long calls) {
	}

}
