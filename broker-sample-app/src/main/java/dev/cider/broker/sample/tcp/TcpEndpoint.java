package dev.cider.broker.sample.tcp;

import java.net.InetSocketAddress;

import dev.cider.broker.EndpointContext;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.netty.NettyEndpoint;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.LineBasedFrameDecoder;

/**
 * A TCP server whose clients talk to an {@link Exchange}, one JSON-RPC frame a line.
 */
public final class TcpEndpoint extends NettyEndpoint {

	private final Exchange exchange;

	private final int maxLineLength;

	/**
	 * Creates a server that does not listen yet.
	 * @param context tells the broker of readiness and heartbeats
	 * @param exchange serves the clients
	 * @param address the address to listen on; port 0 for any free port
	 * @param maxLineLength how many bytes a line may have, without its end
	 * @param maxConnections how many connections are served at once
	 */
	public TcpEndpoint(EndpointContext context, Exchange exchange, InetSocketAddress address, int maxLineLength,
			int maxConnections) {
		super(context, address, maxConnections);
		this.exchange = exchange;
		this.maxLineLength = maxLineLength;
	}

	@Override
	protected void accept(Channel channel) {
		// A client that has sent its last request may still want the answer
		channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
		TcpConnection connection = new TcpConnection(this, this.exchange, this.maxLineLength);
		// Two bytes more for the decoder: if a packet ends after the carriage return of a
		// line of full length, it would count that as a part of the line
		channel.pipeline()
			.addLast(new ProtocolSniffer(connection))
			.addLast(new LineBasedFrameDecoder(this.maxLineLength + 2, true, true))
			.addLast(connection);
	}

}
