package dev.cider.broker;

import java.util.Objects;

/**
 * An endpoint of two bodies.
 */
final class ComposedEndpoint implements Endpoint {

	private final Body serve;

	private final Body close;

	ComposedEndpoint(Body serve, Body close) {
		this.serve = Objects.requireNonNull(serve, "serve must not be null");
		this.close = Objects.requireNonNull(close, "close must not be null");
	}

	@Override
	public void listenAndServe() throws Exception {
		this.serve.run();
	}

	@Override
	public void close() throws Exception {
		this.close.run();
	}

}
