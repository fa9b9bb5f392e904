package dev.cider.broker.sample;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

import dev.cider.broker.spring.actuate.BrokerPageEndpoint;

import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows the starter's page at {@code /}, with the exchange and the feed below the
 * endpoints.
 */
@RestController
class PageController {

	private static final String HEAD = """
			  <link rel="stylesheet" href="exchange.css">
			  <script src="exchange.js" defer></script>
			</head>""";

	private static final String EXCHANGE = """
			<section class="exchange" aria-labelledby="exchange-title">
			    <h2 id="exchange-title">Exchange</h2>
			    <dl class="facts">
			      <div><dt>Clients</dt><dd id="clients">–</dd></div>
			      <div><dt>Calls</dt><dd id="calls">–</dd></div>
			      <div><dt>Calls per second</dt><dd id="rate">–</dd></div>
			      <div><dt>Latest price</dt><dd id="price">–</dd></div>
			      <div><dt>Received</dt><dd id="price-age">–</dd></div>
			    </dl>
			    <h3 id="methods-title">Methods</h3>
			    <ul id="methods" aria-labelledby="methods-title"></ul>
			  </section>
			</main>""";

	private final BrokerPageEndpoint endpoint;

	PageController(BrokerPageEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	@GetMapping(path = "/", produces = "text/html;charset=UTF-8")
	String page() throws IOException {
		Resource page = Objects.requireNonNull(this.endpoint.page().getBody());
		return page.getContentAsString(StandardCharsets.UTF_8)
			.replace("\"brokerpage/", "\"actuator/brokerpage/")
			.replace("</head>", HEAD)
			.replace("</main>", EXCHANGE);
	}

}
