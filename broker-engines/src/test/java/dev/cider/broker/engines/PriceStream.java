package dev.cider.broker.engines;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * A client of a WebSocket.
 */
@Component
class PriceStream {

	private final HttpClient client = HttpClient.newHttpClient();

	private final URI source;

	private final Consumer<String> prices;

	PriceStream(@Value("${prices.source}") URI source, Consumer<String> prices) {
		this.source = source;
		this.prices = prices;
	}

	@Supervised
	void read(EndpointContext context) throws Exception {
		Reader reader = new Reader(context);
		CompletableFuture<WebSocket> connecting = this.client.newWebSocketBuilder()
			.connectTimeout(Duration.ofSeconds(5))
			.buildAsync(this.source, reader);
		try {
			WebSocket socket = connecting.get();
			context.ready();
			Exception end = null;
			while (end == null) {
				socket.sendPing(ByteBuffer.allocate(0));
				end = reader.ends.poll(1, TimeUnit.SECONDS);
			}
			throw end;
		}
		finally {
			connecting.thenAccept(WebSocket::abort); // also one that opens after a stop
		}
	}

	private final class Reader implements WebSocket.Listener {

		private final EndpointContext context;

		private final BlockingQueue<Exception> ends = new LinkedBlockingQueue<>();

		private final StringBuilder text = new StringBuilder();

		private Reader(EndpointContext context) {
			this.context = context;
		}

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
			this.text.append(part);
			if (last) {
				PriceStream.this.prices.accept(this.text.toString());
				this.text.setLength(0);
			}
			socket.request(1);
			return null;
		}

		@Override
		public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
			this.context.heartbeat();
			socket.request(1);
			return null;
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
			this.ends.add(new IOException("the source closed the connection: " + status));
			return null;
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			this.ends.add(new IOException("the connection failed: " + error, error));
		}

	}

}
