package dev.cider.broker.sample.feed;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Follows a price: connects to a source and reads a line for every change. It does not
 * reconnect by itself: it throws when the source is not there, falls silent, hangs up or
 * sends nonsense, and the broker starts a new instance. The properties below
 * {@code broker.endpoints.prices} say when, and that the broker never drops the feed.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PriceFeed.Source.class)
public class PriceFeed {

	private final Source source;

	/** Outlives the connection that received it. */
	private volatile @Nullable Price latest;

	PriceFeed(Source source) {
		this.source = source;
	}

	/** The name of the method is the id of the endpoint. */
	@Bean
	@Supervised
	ContextualEndpointFactory prices() {
		return Connection::new; // a new one for every start
	}

	/**
	 * The latest price, even while the source is away.
	 * @return {@code null} before the first one
	 */
	public @Nullable Price latest() {
		return this.latest;
	}

	/**
	 * A price.
	 *
	 * @param value the amount
	 * @param at when it was received
	 */
	public record Price(BigDecimal value, Instant at) {
	}

	/**
	 * Where the prices come from.
	 *
	 * @param host the name or address of the source
	 * @param port its port
	 * @param connectTimeout how long the source may take to accept a connection
	 * @param readTimeout how long the source may be silent
	 */
	@ConfigurationProperties("sample.prices")
	record Source(@DefaultValue("127.0.0.1") String host, @DefaultValue("7073") int port,
			@DefaultValue("2s") Duration connectTimeout, @DefaultValue("5s") Duration readTimeout) {
	}

	private final class Connection implements Endpoint {

		private final EndpointContext context;

		private final Socket socket = new Socket();

		Connection(EndpointContext context) {
			this.context = context;
		}

		@Override
		public void listenAndServe() throws IOException {
			Source source = PriceFeed.this.source;
			this.socket.setSoTimeout((int) source.readTimeout().toMillis());
			this.socket.connect(new InetSocketAddress(source.host(), source.port()),
					(int) source.connectTimeout().toMillis());
			this.context.ready(); // SERVING from here on
			BufferedReader lines = new BufferedReader(
					new InputStreamReader(this.socket.getInputStream(), StandardCharsets.UTF_8));
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				PriceFeed.this.latest = new Price(new BigDecimal(line), Instant.now());
				this.context.heartbeat();
			}
			throw new EOFException("The source hung up"); // that is a crash
		}

		@Override
		public void close() throws IOException {
			this.socket.close(); // connect and readLine throw, which is no crash
		}

	}

}
