package dev.cider.broker.sample.transport;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.netty.NettyEndpoint;
import dev.cider.broker.sample.tcp.TcpEndpoint;
import dev.cider.broker.sample.websocket.WebSocketEndpoint;
import dev.cider.broker.sample.zeromq.ZeroMqEndpoint;

/**
 * The transports, each with a client of another make.
 */
enum Transport {

	TCP {

		@Override
		Instance create(EndpointContext context, Exchange exchange, InetSocketAddress address) {
			return instance(new TcpEndpoint(context, exchange, address, MAX_FRAME, MAX_CONNECTIONS));
		}

		@Override
		Peer connect(InetSocketAddress address) throws Exception {
			return new LinePeer(address);
		}

	},

	WEBSOCKET {

		@Override
		Instance create(EndpointContext context, Exchange exchange, InetSocketAddress address) {
			return instance(new WebSocketEndpoint(context, exchange, address, MAX_FRAME, MAX_CONNECTIONS));
		}

		@Override
		Peer connect(InetSocketAddress address) throws Exception {
			return new WebSocketPeer(address);
		}

	},

	ZEROMQ {

		@Override
		Instance create(EndpointContext context, Exchange exchange, InetSocketAddress address) {
			ZeroMqEndpoint endpoint = new ZeroMqEndpoint(context, exchange, address, MAX_FRAME, MAX_CONNECTIONS);
			return new Instance(endpoint, endpoint.listening());
		}

		@Override
		Peer connect(InetSocketAddress address) {
			return new DealerPeer(address);
		}

	};

	static final int MAX_FRAME = 1024;

	static final int MAX_CONNECTIONS = 100;

	abstract Instance create(EndpointContext context, Exchange exchange, InetSocketAddress address);

	abstract Peer connect(InetSocketAddress address) throws Exception;

	String id() {
		return name().toLowerCase(Locale.ROOT);
	}

	private static Instance instance(NettyEndpoint endpoint) {
		return new Instance(endpoint, endpoint.listening());
	}

	/**
	 * One instance.
	 *
	 * @param endpoint what the broker gets
	 * @param listening completed with its address
	 */
	record Instance(Endpoint endpoint, CompletableFuture<InetSocketAddress> listening) {
	}

}
