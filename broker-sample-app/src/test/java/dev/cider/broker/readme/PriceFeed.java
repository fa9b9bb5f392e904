package dev.cider.broker.readme;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

@Component("prices") // the name of the bean is the id of the endpoint
@Scope("prototype") // a new instance for every start
@Supervised
class PriceFeed implements Endpoint {

	private final int port;

	private final EndpointContext context;

	private final Socket socket = new Socket();

	PriceFeed(@Value("${prices.port:7000}") int port, EndpointContext context) {
		this.port = port;
		this.context = context;
	}

	@Override
	public void listenAndServe() throws IOException {
		this.socket.connect(new InetSocketAddress("localhost", this.port), 5000);
		this.context.ready(); // SERVING from here on
		BufferedReader lines = new BufferedReader(
				new InputStreamReader(this.socket.getInputStream(), StandardCharsets.UTF_8));
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			System.out.println("price: " + line);
		}
		throw new IOException("the source hung up"); // a crash; a return means finished
	}

	@Override
	public void close() throws IOException {
		this.socket.close(); // readLine throws; after close() that is no crash
	}

}
