package app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import dev.cider.broker.Endpoint;

/**
 * Tells prices on a port.
 */
class Door implements Endpoint {

	private final Prices prices;

	private final ServerSocket server;

	Door(TradingProperties properties, Prices prices) throws IOException {
		this.prices = prices;
		this.server = new ServerSocket(properties.port(), 0, InetAddress.getLoopbackAddress());
	}

	static String ask(int port, String symbol) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8).println(symbol);
			return lines(socket).readLine();
		}
	}

	private static BufferedReader lines(Socket socket) throws IOException {
		return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
	}

	@Override
	public void listenAndServe() throws IOException {
		while (true) {
			try (Socket client = this.server.accept()) {
				int price = this.prices.of(lines(client).readLine());
				new PrintWriter(client.getOutputStream(), true, StandardCharsets.UTF_8).println(price);
			}
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
	}

}
