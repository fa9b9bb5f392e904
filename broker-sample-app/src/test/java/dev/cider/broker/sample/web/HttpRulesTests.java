package dev.cider.broker.sample.web;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may talk HTTP to the sample, as raw requests see it.
 */
@TestInstance(Lifecycle.PER_CLASS)
class HttpRulesTests {

	private Sample sample;

	@BeforeAll
	void start() {
		this.sample = Sample.start(0, "--sample.web.allowed-hosts=broker.example");
	}

	@AfterAll
	void stop() {
		this.sample.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1:80", "127.1.2.3", "[::1]:8080",
			"[0:0:0:0:0:0:0:1]", "app.localhost", "broker.example", "Broker.Example:443" })
	void ownHostsAreServed(String host) throws IOException {
		assertThat(send("GET / HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 200");
		assertThat(send("GET /actuator/broker HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 200");
	}

	@ParameterizedTest
	@ValueSource(strings = { "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost",
			"192.0.2.1", "broker.example.evil.example", "[::2]", "127.0.0.1evil.example" })
	void otherHostsAreRefused(String host) throws IOException {
		assertThat(send("GET / HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 421");
		assertThat(send("GET /actuator/broker HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 421");
	}

	@Test
	void theNameInTheRequestLineCountsToo() throws IOException {
		assertThat(send("GET http://evil.example/ HTTP/1.1", "Host: evil.example")).startsWith("HTTP/1.1 421");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Origin: http://evil.example", "Origin: null", "Origin: http://localhost:1",
			"Origin: http://evil.example/localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site" })
	void aPostFromAForeignPageIsRefused(String header) throws IOException {
		assertThat(send("POST /sample/crash/none HTTP/1.1", "Host: localhost", header)).startsWith("HTTP/1.1 403")
			.contains("Only a page of this server may do that");
		assertThat(send("POST /actuator/broker/tcp HTTP/1.1", "Host: localhost", header)).startsWith("HTTP/1.1 403");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Origin: http://localhost", "Sec-Fetch-Site: same-origin", "Accept: */*" })
	void aPostFromTheOwnPageOrNoPageIsNot(String header) throws IOException {
		assertThat(send("POST /sample/crash/none HTTP/1.1", "Host: localhost", header)).startsWith("HTTP/1.1 409")
			.contains("There is nothing to crash: 'none' is not serving");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/", "/exchange.js", "/exchange.css", "/actuator/broker", "/actuator/brokerpage",
			"/actuator/brokerpage/page.js", "/sample/exchange", "/nowhere" })
	void everyAnswerTellsTheBrowserWhatIsAllowed(String path) throws IOException {
		assertThat(send("GET " + path + " HTTP/1.1", "Host: localhost")).contains(
				"Content-Security-Policy: default-src 'none'; script-src 'self';", "X-Content-Type-Options: nosniff",
				"Referrer-Policy: no-referrer");
	}

	@Test
	void thePageHasNoCodeOrStyleOfItsOwn() throws IOException {
		assertThat(send("GET / HTTP/1.1", "Host: localhost"))
			.doesNotContainPattern("<script(?! src)|<style| style=| on\\w+=");
	}

	private String send(String... lines) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.sample.port())) {
			String request = String.join("\r\n", lines) + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
