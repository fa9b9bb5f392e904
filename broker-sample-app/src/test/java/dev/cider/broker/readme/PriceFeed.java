package dev.cider.broker.readme;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;

import static java.nio.charset.StandardCharsets.UTF_8;

class PriceFeed implements Endpoint {

	private final PriceBoard board;

	private final EndpointContext context;

	private final Socket socket = new Socket();

	PriceFeed(PriceBoard board, EndpointContext context) {
		this.board = board;
		this.context = context;
	}

	@Override
	public void listenAndServe() throws IOException {
		this.socket.connect(this.board.source());
		this.context.ready(); // SERVING from here on
		BufferedReader lines = new BufferedReader(new InputStreamReader(this.socket.getInputStream(), UTF_8));
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			this.board.show(line);
		}
		// To throw is to crash, to return is to be finished.
		throw new EOFException("the source hung up");
	}

	@Override
	public void close() throws IOException {
		// Makes readLine throw. Now that a close was asked for, that is no crash.
		this.socket.close();
	}

}
