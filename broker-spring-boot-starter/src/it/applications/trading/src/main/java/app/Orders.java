package app;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.cider.broker.Endpoint;

import org.springframework.messaging.Message;
import org.springframework.messaging.PollableChannel;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/**
 * The desk that orders are handled at: by an endpoint which takes them from a channel, and
 * asks beans that are proxied for caching, security and asynchronous work.
 */
@Component
class Orders {

	private final PollableChannel orderChannel;

	private final TradingProperties properties;

	private final Prices prices;

	private final Clerk clerk;

	private final Queue<String> handled = new ConcurrentLinkedQueue<>();

	Orders(PollableChannel orderChannel, TradingProperties properties, Prices prices, Clerk clerk) {
		this.orderChannel = orderChannel;
		this.properties = properties;
		this.prices = prices;
		this.clerk = clerk;
	}

	Queue<String> handled() {
		return this.handled;
	}

	Endpoint endpoint() {
		return new Desk();
	}

	private final class Desk implements Endpoint {

		private volatile boolean closed;

		@Override
		public void listenAndServe() {
			SecurityContextHolder.getContext()
				.setAuthentication(UsernamePasswordAuthenticationToken.authenticated("desk", null,
						AuthorityUtils.createAuthorityList("ROLE_SYSTEM")));
			while (!this.closed) {
				Message<?> order = Orders.this.orderChannel.receive(20);
				if (order != null) {
					handle(order.getPayload().toString());
				}
			}
		}

		private void handle(String symbol) {
			if (!Orders.this.properties.symbols().contains(symbol)) {
				throw new IllegalArgumentException("no such symbol: " + symbol);
			}
			String stamped = Orders.this.clerk.stamp(symbol + " at " + Orders.this.prices.of(symbol));
			Orders.this.handled.add(Orders.this.clerk.file(stamped).join());
		}

		@Override
		public void close() {
			this.closed = true;
		}

	}

}
