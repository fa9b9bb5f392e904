package dev.cider.broker.engines;

import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;

/**
 * Sends prices over a WebSocket, ten in a second and each in two parts, in a process of
 * its own.
 */
final class PriceServer extends ChannelInitializer<Channel> {

	private PriceServer() {
	}

	/**
	 * Serves until it is killed.
	 * @param arguments the port
	 */
	public static void main(String[] arguments) throws Exception {
		EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
		new ServerBootstrap().group(loops)
			.channel(NioServerSocketChannel.class)
			.childHandler(new PriceServer())
			.bind("localhost", Integer.parseInt(arguments[0]))
			.sync();
		System.out.println("serves");
	}

	@Override
	protected void initChannel(Channel channel) {
		channel.pipeline()
			.addLast(new HttpServerCodec(), new HttpObjectAggregator(4096), new WebSocketServerProtocolHandler("/"),
					new Prices());
	}

	private static final class Prices extends SimpleChannelInboundHandler<TextWebSocketFrame> {

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
				context.executor().scheduleAtFixedRate(() -> {
					context.write(new TextWebSocketFrame(false, 0, "7 "));
					context.writeAndFlush(new ContinuationWebSocketFrame(true, 0, "dollars"));
				}, 0, 100, TimeUnit.MILLISECONDS);
			}
		}

		@Override
		protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
			// Nobody asks.
		}

	}

}
