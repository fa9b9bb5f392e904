package dev.cider.broker.engines;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.spring.Supervised;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A server of Netty.
 */
@Configuration(proxyBeanMethods = false)
class EchoServer {

	@Bean
	@Supervised
	ContextualEndpointFactory echo(@Value("${echo.port}") int port, ChannelHandler pipeline) {
		return (context) -> {
			EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
			ServerBootstrap server = new ServerBootstrap().group(loops)
				.channel(NioServerSocketChannel.class)
				.childHandler(pipeline);
			return Endpoint.of(() -> {
				Channel channel = server.bind("localhost", port).sync().channel();
				context.ready();
				channel.closeFuture().sync();
				throw new IOException("the listening channel was closed"); // no crash
																			// after close
			}, () -> loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
		};
	}

}
