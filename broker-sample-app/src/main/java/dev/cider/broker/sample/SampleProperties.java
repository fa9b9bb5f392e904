package dev.cider.broker.sample;

import java.net.InetAddress;
import java.time.Duration;

import dev.cider.broker.sample.exchange.Limits;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where the sample listens, and its limits.
 *
 * @param bindAddress the address that all transports bind to. There is no login: bind to
 * another address than a loopback one only if everybody who can reach it may do all that
 * a client can.
 * @param maxLineLength how many bytes a line or a message may have on any transport, 1KB
 * to 16MB
 * @param crashEnabled whether clients may call {@code sample.crash}, which makes the
 * transport that received it crash
 * @param callTimeout how long a provider may take to answer a call, at most a day
 * @param maxPendingCalls how many calls of one client may wait for their answers
 * @param maxMethods how many methods one client may provide
 * @param maxConnections how many connections one transport serves at once
 * @param tcp the TCP transport
 * @param websocket the WebSocket transport
 * @param zeromq the ZeroMQ transport
 */
@ConfigurationProperties("sample")
record SampleProperties(@DefaultValue("127.0.0.1") InetAddress bindAddress,
		@DefaultValue("64KB") DataSize maxLineLength, boolean crashEnabled, @DefaultValue("30s") Duration callTimeout,
		@DefaultValue("1000") int maxPendingCalls, @DefaultValue("1000") int maxMethods,
		@DefaultValue("1000") int maxConnections, @DefaultValue Tcp tcp, @DefaultValue Websocket websocket,
		@DefaultValue Zeromq zeromq) {

	private static final DataSize SHORTEST = DataSize.ofKilobytes(1);

	private static final DataSize LONGEST = DataSize.ofMegabytes(16);

	private static final int LAST_PORT = 65535;

	SampleProperties {
		if (maxLineLength.compareTo(SHORTEST) < 0 || maxLineLength.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException(
					"sample.max-line-length is " + maxLineLength + ", but must be from 1KB to 16MB");
		}
		if (maxConnections < 1) {
			throw new IllegalArgumentException(
					"sample.max-connections is " + maxConnections + ", but must be at least 1");
		}
		try {
			new Limits(callTimeout, maxPendingCalls, maxMethods);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("sample." + ex.getMessage());
		}
	}

	Limits limits() {
		return new Limits(this.callTimeout, this.maxPendingCalls, this.maxMethods);
	}

	int maxLineBytes() {
		return Math.toIntExact(this.maxLineLength.toBytes());
	}

	private static void requirePort(String name, int port) {
		if (port < 0 || port > LAST_PORT) {
			throw new IllegalArgumentException(
					name + " is " + port + ", but a port is a number from 0 (any that is free) to " + LAST_PORT);
		}
	}

	/**
	 * The TCP transport.
	 *
	 * @param port the port to listen on, 0 for any free port
	 */
	record Tcp(@DefaultValue("7070") int port) {

		Tcp {
			requirePort("sample.tcp.port", port);
		}

	}

	/**
	 * The WebSocket transport.
	 *
	 * @param port the port to listen on, 0 for any free port
	 */
	record Websocket(@DefaultValue("7071") int port) {

		Websocket {
			requirePort("sample.websocket.port", port);
		}

	}

	/**
	 * The ZeroMQ transport.
	 *
	 * @param port the port to listen on, 0 for any free port
	 */
	record Zeromq(@DefaultValue("7072") int port) {

		Zeromq {
			requirePort("sample.zeromq.port", port);
		}

	}

}
