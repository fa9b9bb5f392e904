package dev.cider.broker.sample.web;

import dev.cider.broker.sample.exchange.Exchange;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Makes an endpoint crash, if clients may do so with {@code sample.crash}.
 */
@RestController
class CrashController {

	private final Exchange exchange;

	private final CrashableEndpoints endpoints;

	CrashController(Exchange exchange, CrashableEndpoints endpoints) {
		this.exchange = exchange;
		this.endpoints = endpoints;
	}

	@PostMapping("/sample/crash/{id}")
	ResponseEntity<?> crash(@PathVariable String id) {
		if (!this.exchange.methods().contains("sample.crash")) {
			return refuse(HttpStatus.FORBIDDEN, "Crashes are not enabled: see sample.crash-enabled");
		}
		if (!this.endpoints.crash(id)) {
			return refuse(HttpStatus.CONFLICT, "There is nothing to crash: '" + id + "' is not serving");
		}
		return ResponseEntity.noContent().build();
	}

	private static ResponseEntity<WebRefusal> refuse(HttpStatus status, String reason) {
		return ResponseEntity.status(status).body(new WebRefusal(reason));
	}

}
