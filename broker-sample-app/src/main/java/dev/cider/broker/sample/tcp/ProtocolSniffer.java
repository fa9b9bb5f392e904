package dev.cider.broker.sample.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Recognises clients of another protocol by their first byte: HTTP begins with a capital
 * letter and TLS with a control character, JSON with neither.
 * <p>
 * A web page can make a browser post to any local port. The body, and even the browser's
 * TLS handshake, can have lines in it that look like requests. So no line of such a
 * client is executed.
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter {

	private final TcpConnection connection;

	private boolean refused;

	ProtocolSniffer(TcpConnection connection) {
		this.connection = connection;
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		int first = (message instanceof ByteBuf bytes) ? first(bytes) : -1;
		if (this.refused || isForeign(first)) {
			ReferenceCountUtil.release(message);
			refuse();
			return;
		}
		context.fireChannelRead(message);
		if (first >= 0) {
			context.pipeline().remove(this);
		}
	}

	private void refuse() {
		if (!this.refused) {
			this.refused = true;
			this.connection.refuseProtocol();
		}
	}

	/**
	 * The first byte that is no white space; -1 if there is none.
	 */
	private static int first(ByteBuf bytes) {
		int index = bytes.forEachByte((value) -> value == ' ' || value == '\t' || value == '\r' || value == '\n');
		return (index >= 0) ? bytes.getUnsignedByte(index) : -1;
	}

	private static boolean isForeign(int first) {
		return (first >= 'A' && first <= 'Z') || (first >= 0 && first < ' ');
	}

}
