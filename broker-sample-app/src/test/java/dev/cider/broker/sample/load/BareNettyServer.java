package dev.cider.broker.sample.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;

/**
 * Plain Netty with the handlers that the sample has, too. It flushes once for all that it
 * has read at once, as one does who can.
 */
final class BareNettyServer implements BareServer {

	private static final int MAX_FRAME = 64 * 1024;

	private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final Map<String, Channel> names;

	private final Channel server;

	/**
	 * Starts it.
	 * @param names who has said which name, on this server or another
	 */
	BareNettyServer(boolean websocket, Map<String, Channel> names) throws InterruptedException {
		this.names = names;
		this.server = new ServerBootstrap().group(this.loop)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel channel) {
					if (websocket) {
						websocket(channel.pipeline());
					}
					else {
						channel.pipeline()
							.addLast(new LineBasedFrameDecoder(MAX_FRAME + 2, true, true))
							.addLast(new Lines());
					}
				}

			})
			.bind(InetAddress.getLoopbackAddress(), 0)
			.sync()
			.channel();
	}

	private void websocket(ChannelPipeline pipeline) {
		pipeline.addLast(new HttpServerCodec())
			.addLast(new HttpObjectAggregator(4096))
			.addLast(new Handshake())
			.addLast(new Utf8FrameValidator(false))
			.addLast(new WebSocketFrameAggregator(MAX_FRAME))
			.addLast(new Texts());
	}

	@Override
	public InetSocketAddress address() {
		return (InetSocketAddress) this.server.localAddress();
	}

	@Override
	public void stop() throws InterruptedException {
		this.server.close().sync();
		this.loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
	}

	private static final class Handshake extends SimpleChannelInboundHandler<FullHttpRequest> {

		@Override
		protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
			new WebSocketServerHandshakerFactory("/", null, false, MAX_FRAME).newHandshaker(request)
				.handshake(context.channel(), request);
		}

	}

	/**
	 * Sends back or to the partner.
	 *
	 * @param <I> what comes in
	 */
	private abstract class Pass<I> extends SimpleChannelInboundHandler<I> {

		private String name;

		private Channel to;

		abstract ByteBuf content(I message);

		@Override
		protected void channelRead0(ChannelHandlerContext context, I message) {
			ByteBuf content = content(message);
			if (content.getByte(content.readerIndex()) == '@') {
				this.name = content.toString(StandardCharsets.US_ASCII);
				BareNettyServer.this.names.put(this.name, context.channel());
				this.to = context.channel();
				context.channel().write(wrapped(this.to, content));
				this.to = null;
				context.channel().flush();
				return;
			}
			if (this.to == null) {
				this.to = (this.name != null) ? BareNettyServer.this.names.get(BareServer.partner(this.name))
						: context.channel();
			}
			this.to.write(wrapped(this.to, content), this.to.voidPromise());
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			if (this.to != null) {
				this.to.flush();
			}
		}

		private Object wrapped(Channel to, ByteBuf content) {
			if (to.pipeline().get(Texts.class) != null) {
				return new TextWebSocketFrame(content.retain());
			}
			ByteBuf line = to.alloc().buffer(content.readableBytes() + 1);
			return line.writeBytes(content).writeByte('\n');
		}

	}

	private final class Lines extends Pass<ByteBuf> {

		@Override
		ByteBuf content(ByteBuf message) {
			return message;
		}

	}

	private final class Texts extends Pass<TextWebSocketFrame> {

		@Override
		ByteBuf content(TextWebSocketFrame message) {
			return message.content();
		}

	}

}
