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
import dev.cider.broker.EndpointContext;

/**
 * Answers a line with a row of the database, one client after another. Its last act needs
 * the database too.
 */
class VetServer implements Endpoint {

	private final Desk desk;

	private final EndpointContext context;

	private final ServerSocket server;

	VetServer(Desk desk, EndpointContext context, int port) throws IOException {
		this.desk = desk;
		this.context = context;
		this.server = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
	}

	@Override
	public void listenAndServe() throws IOException {
		try {
			this.context.ready();
			while (true) {
				try (Socket client = this.server.accept()) {
					answer(client);
				}
			}
		}
		finally {
			this.desk.note("served until incarnation " + this.context.incarnation() + " ended");
		}
	}

	private void answer(Socket client) throws IOException {
		BufferedReader questions = new BufferedReader(
				new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
		PrintWriter answers = new PrintWriter(client.getOutputStream(), true, StandardCharsets.UTF_8);
		answers.println(this.desk.ask(questions.readLine()));
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.desk.note("closed incarnation " + this.context.incarnation());
	}

}
