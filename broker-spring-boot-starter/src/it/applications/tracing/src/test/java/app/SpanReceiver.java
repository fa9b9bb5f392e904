package app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;

/**
 * Receives spans by OTLP over HTTP, as a collector does.
 */
final class SpanReceiver implements AutoCloseable {

	private final HttpServer server;

	private final List<Span> spans = new CopyOnWriteArrayList<>();

	SpanReceiver() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.createContext("/v1/traces", this::receive);
		this.server.start();
	}

	String address() {
		return "http://" + this.server.getAddress().getAddress().getHostAddress() + ":"
				+ this.server.getAddress().getPort() + "/v1/traces";
	}

	private void receive(HttpExchange exchange) {
		try (exchange) {
			ExportTraceServiceRequest request = ExportTraceServiceRequest
				.parseFrom(exchange.getRequestBody().readAllBytes());
			request.getResourceSpansList()
				.stream()
				.flatMap((resource) -> resource.getScopeSpansList().stream())
				.forEach((scope) -> this.spans.addAll(scope.getSpansList()));
			exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
			exchange.sendResponseHeaders(200, -1);
		}
		catch (IOException unreadable) {
			throw new UncheckedIOException(unreadable);
		}
	}

	List<Span> named(String name) {
		return stream().filter((span) -> span.getName().equals(name)).toList();
	}

	Stream<Span> stream() {
		return this.spans.stream();
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
