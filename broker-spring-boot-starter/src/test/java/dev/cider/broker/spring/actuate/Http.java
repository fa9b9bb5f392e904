package dev.cider.broker.spring.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import com.jayway.jsonpath.JsonPath;

/**
 * A client of {@code /actuator/broker} over loopback.
 */
record Http(int port) {

	private static final HttpClient client = HttpClient.newHttpClient();

	Answer get(String path, String... headers) {
		return send(request(path, headers).GET());
	}

	Answer post(String path, String body, String... headers) {
		return send(
				request(path, headers).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
	}

	/**
	 * As a form of a page of another origin can send it.
	 * @param type the content type; empty for none
	 */
	Answer postForm(String path, String type, String body) {
		HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
		return send(type.isEmpty() ? request : request.header("Content-Type", type));
	}

	private HttpRequest.Builder request(String path, String... headers) {
		HttpRequest.Builder builder = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.port + "/actuator" + path));
		return (headers.length > 0) ? builder.headers(headers) : builder;
	}

	private static Answer send(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
			return new Answer(response.statusCode(), response.headers().firstValue("Content-Type").orElse(""),
					response.body());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	record Answer(int status, String type, String body) {

		<T> T json(String path) {
			return JsonPath.read(this.body, path);
		}

	}

}
