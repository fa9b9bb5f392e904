package dev.cider.broker.sample.load;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/**
 * Text messages over the JDK's WebSocket client.
 */
final class TextConnection implements Connection {

	private static final int LIMIT_SECONDS = 5;

	private final Ear ear;

	private final AtomicBoolean over = new AtomicBoolean();

	private final WebSocket socket;

	/** The socket lets one message be sent at a time. Under the lock. */
	private CompletableFuture<WebSocket> lastSent;

	TextConnection(HttpClient http, InetSocketAddress address, Ear ear) throws Exception {
		this.ear = ear;
		URI uri = URI.create("ws://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/");
		CompletableFuture<WebSocket> opening = http.newWebSocketBuilder().buildAsync(uri, new Listener());
		try {
			this.socket = opening.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			opening.thenAccept(WebSocket::abort);
			throw ex;
		}
		this.lastSent = opening;
	}

	@Override
	public synchronized void send(String frame) {
		this.lastSent = this.lastSent.thenCompose((socket) -> socket.sendText(frame, true));
		this.lastSent.whenComplete(this::endIfFailed);
	}

	@Override
	public void vanish() {
		this.socket.abort();
		end();
	}

	@Override
	public synchronized void close() {
		this.lastSent = this.lastSent.thenCompose((socket) -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
		this.lastSent.whenComplete(this::endIfFailed);
	}

	private void endIfFailed(@Nullable WebSocket sent, @Nullable Throwable failure) {
		if (failure != null) {
			end();
		}
	}

	private void end() {
		if (this.over.compareAndSet(false, true)) {
			this.ear.ended();
		}
	}

	private final class Listener implements WebSocket.Listener {

		private final StringBuilder parts = new StringBuilder();

		@Override
		public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
			this.parts.append(part);
			if (last) {
				String frame = this.parts.toString();
				this.parts.setLength(0);
				if (!TextConnection.this.over.get()) {
					TextConnection.this.ear.heard(frame);
				}
			}
			socket.request(1);
			return null;
		}

		@Override
		public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
			end();
			return null;
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			end();
		}

	}

}
