package dev.cider.broker.engines;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network between a client and a server, which a test can disturb.
 */
final class Proxy implements AutoCloseable {

	private final InetSocketAddress server;

	private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

	/** Both ends of each connection. */
	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private volatile boolean silent;

	Proxy(int port) throws IOException {
		this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
		start("proxy", this::accept);
	}

	int port() {
		return this.listening.getLocalPort();
	}

	/** Resets all connections. */
	void cut() {
		for (Socket socket : this.sockets) {
			try {
				socket.setSoLinger(true, 0);
				socket.close();
			}
			catch (IOException closed) {
				// The connection ended at the same time: there is nothing to reset.
			}
		}
	}

	/**
	 * Loses what is sent and tells nobody, as a firewall does that forgets a connection.
	 */
	void silence() {
		this.silent = true;
	}

	/**
	 * The network is back; what was connected stays lost.
	 */
	void restore() {
		cut();
		this.silent = false;
	}

	private void accept() {
		try {
			while (true) {
				Socket client = this.listening.accept();
				this.sockets.add(client);
				Socket connection = new Socket();
				this.sockets.add(connection);
				try {
					connection.connect(this.server);
				}
				catch (IOException refused) {
					client.close();
					continue;
				}
				start("proxy-up", () -> copy(client, connection));
				start("proxy-down", () -> copy(connection, client));
			}
		}
		catch (IOException closed) {
			// The test is over.
		}
	}

	private void copy(Socket from, Socket to) {
		byte[] buffer = new byte[8192];
		try (from; to; InputStream in = from.getInputStream()) {
			for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
				if (!this.silent) {
					to.getOutputStream().write(buffer, 0, length);
				}
			}
		}
		catch (IOException closed) {
			// By either end or by the test.
		}
		this.sockets.remove(from);
		this.sockets.remove(to);
	}

	private static void start(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.listening.close();
		cut();
	}

}
