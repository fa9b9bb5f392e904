package dev.cider.broker.sample.transport;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Speaks through the JDK's WebSocket client.
 */
public class WebSocketPeer implements Peer {

	private static final String END = "";

	private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

	private final CompletableFuture<Integer> status = new CompletableFuture<>();

	private final WebSocket socket;

	public WebSocketPeer(InetSocketAddress address) throws Exception {
		this(HttpClient.newHttpClient().newWebSocketBuilder(), address);
	}

	public WebSocketPeer(WebSocket.Builder builder, InetSocketAddress address) throws Exception {
		URI uri = URI.create("ws://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/");
		this.socket = builder.buildAsync(uri, new Ear()).get(LIMIT_SECONDS, TimeUnit.SECONDS);
	}

	@Override
	public void send(String frame) throws Exception {
		this.socket.sendText(frame, true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
	}

	@Override
	public @Nullable String receive() throws Exception {
		String frame = this.received.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
		if (frame == null) {
			throw new AssertionError("Nothing came");
		}
		return !frame.equals(END) ? frame : null;
	}

	/**
	 * The status that the server closed with.
	 */
	public int status() throws Exception {
		return this.status.get(LIMIT_SECONDS, TimeUnit.SECONDS);
	}

	public WebSocket socket() {
		return this.socket;
	}

	@Override
	public void vanish() {
		this.socket.abort();
	}

	@Override
	public void close() {
		// It fails where the server's goodbye came first
		this.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").exceptionally((ex) -> this.socket).join();
	}

	private final class Ear implements WebSocket.Listener {

		private final StringBuilder parts = new StringBuilder();

		@Override
		public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
			this.parts.append(part);
			if (last) {
				WebSocketPeer.this.received.add(this.parts.toString());
				this.parts.setLength(0);
			}
			socket.request(1);
			return null;
		}

		@Override
		public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
			byte[] bytes = new byte[message.remaining()];
			message.get(bytes);
			WebSocketPeer.this.received.add("pong " + new String(bytes));
			socket.request(1);
			return null;
		}

		@Override
		public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
			WebSocketPeer.this.status.complete(statusCode);
			WebSocketPeer.this.received.add(END);
			return null;
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			WebSocketPeer.this.status.completeExceptionally(error);
			WebSocketPeer.this.received.add(END);
		}

	}

}
