package app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Speaks to an application's actuator, as somebody or as nobody.
 */
public record Http(String port, String user) {

	private static final HttpClient client = HttpClient.newHttpClient();

	public Http(String port) {
		this(port, "");
	}

	public Http as(String user) {
		return new Http(this.port, user);
	}

	public HttpResponse<String> get(String path) throws IOException, InterruptedException {
		return get(path, "application/json");
	}

	public HttpResponse<String> get(String path, String type) throws IOException, InterruptedException {
		return send(request(path, type).GET());
	}

	public HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
		return send(request(path, "application/json").header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
	}

	private HttpRequest.Builder request(String path, String type) {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.port + "/actuator/" + path))
			.header("Accept", type);
		if (!this.user.isEmpty()) {
			// The password is the name.
			byte[] credentials = (this.user + ":" + this.user).getBytes(StandardCharsets.UTF_8);
			request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
		}
		return request;
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return client.send(request.build(), BodyHandlers.ofString());
	}

}
