package dev.cider.broker.engines;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.Test;

import org.springframework.test.util.TestSocketUtils;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Netty server that cannot bind, and one whose listening channel is closed.
 */
class NettyServerTests {

	private final int port = TestSocketUtils.findAvailableTcpPort();

	private EngineApplication run() {
		return new EngineApplication("echo", EchoServer.class, Map.of("echo.port", this.port),
				Map.of("pipeline", new Echo()));
	}

	@Test
	void servesWhenItsPortIsFree() throws Exception {
		ServerSocket other = new ServerSocket(this.port, 1, InetAddress.getByName("localhost"));
		try (EngineApplication application = run()) {
			application.awaitCrashes(2);
			other.close();
			application.outageEnds();
			EngineApplication.await(() -> "hello".equals(ask("hello")));
			application.tellRecovery("Netty: another process has the port");
			assertThat(application.lastCrash().type()).isEqualTo("java.net.BindException");
		}
		finally {
			other.close();
		}
	}

	@Test
	void comesBackWhenItsListeningChannelWasClosed() throws Exception {
		try (EngineApplication application = run()) {
			application.awaitServing();
			assertThat(ask("hello")).isEqualTo("hello");
			application.outageBegins();
			ask("die");
			application.awaitCrashes(1);
			EngineApplication.await(() -> "again".equals(ask("again")));
			application.tellRecovery("Netty: the listening channel is closed");
			assertThat(application.lastCrash().message()).isEqualTo("the listening channel was closed");
			assertThat(application.endpoint().incarnation()).isEqualTo(2);
		}
	}

	private String ask(String line) throws IOException {
		try (Socket socket = new Socket("localhost", this.port)) {
			socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
			return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
		}
	}

	@Sharable
	private static final class Echo extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (((ByteBuf) message).toString(UTF_8).startsWith("die")) {
				ReferenceCountUtil.release(message);
				context.channel().parent().close();
				context.close();
			}
			else {
				context.writeAndFlush(message);
			}
		}

	}

}
