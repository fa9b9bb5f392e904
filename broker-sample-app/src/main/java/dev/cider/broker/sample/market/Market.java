package dev.cider.broker.sample.market;

import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * A simulated market: sends every client a price, and every second a new one. After a
 * session it closes, which is no crash: {@code listenAndServe} returns, and
 * {@code broker.endpoints.market.restart} says when the next session begins.
 */
@Component // its name, market, is the id of the endpoint
@Supervised
class Market implements ContextualEndpointFactory {

	private static final int TICK_MILLIS = 1000;

	/** With more visitors than these, the first one is disconnected. */
	private static final int MAX_VISITORS = 100;

	private final InetSocketAddress address;

	private final Duration length;

	Market(@Value("${sample.market.port:7073}") int port, @Value("${sample.market.session:1m}") Duration session) {
		this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
		this.length = session;
	}

	@Override
	public Endpoint create(EndpointContext context) throws IOException {
		return new Session(context);
	}

	private final class Session implements Endpoint {

		private final EndpointContext context;

		private final ServerSocket server = new ServerSocket();

		private final List<PrintStream> visitors = new ArrayList<>();

		private BigDecimal price = new BigDecimal("100.00");

		Session(EndpointContext context) throws IOException {
			this.context = context;
		}

		@Override
		public void listenAndServe() throws IOException {
			this.server.bind(Market.this.address);
			this.server.setSoTimeout(TICK_MILLIS);
			this.context.ready();
			long opened = System.nanoTime();
			try {
				while (System.nanoTime() - opened < Market.this.length.toNanos()) {
					this.context.heartbeat();
					awaitVisitorOrTick();
					this.visitors.removeIf((visitor) -> !tell(visitor));
				}
			}
			finally {
				this.visitors.forEach(PrintStream::close);
			}
		}

		private void awaitVisitorOrTick() throws IOException {
			try {
				this.visitors.add(new PrintStream(this.server.accept().getOutputStream()));
				if (this.visitors.size() > MAX_VISITORS) {
					this.visitors.remove(0).close();
				}
			}
			catch (SocketTimeoutException ex) {
				int cents = ThreadLocalRandom.current().nextInt(-50, 51);
				this.price = this.price.add(BigDecimal.valueOf(cents, 2)).max(BigDecimal.ONE.setScale(2));
			}
		}

		private boolean tell(PrintStream visitor) {
			visitor.print(this.price + "\n");
			if (visitor.checkError()) {
				visitor.close();
				return false;
			}
			return true;
		}

		@Override
		public void close() throws IOException {
			this.server.close();
		}

	}

}
