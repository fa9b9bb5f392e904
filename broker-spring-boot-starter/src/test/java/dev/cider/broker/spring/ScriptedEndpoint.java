package dev.cider.broker.spring;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

import dev.cider.broker.Endpoint;

/**
 * A scripted endpoint: serves until a test makes it crash or return, or closes it.
 */
public class ScriptedEndpoint implements Endpoint {

	private final CompletableFuture<Void> served = new CompletableFuture<>();

	private final CountDownLatch closeAllowed;

	public final CountDownLatch closing = new CountDownLatch(1);

	public ScriptedEndpoint() {
		this(new CountDownLatch(0));
	}

	/**
	 * An endpoint whose close waits for the latch.
	 */
	public ScriptedEndpoint(CountDownLatch closeAllowed) {
		this.closeAllowed = closeAllowed;
	}

	@Override
	public void listenAndServe() throws Exception {
		try {
			this.served.get();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	@Override
	public void close() throws Exception {
		this.closing.countDown();
		this.closeAllowed.await();
		this.served.complete(null);
	}

	public void crash(Exception error) {
		this.served.completeExceptionally(error);
	}

	public void finish() {
		this.served.complete(null);
	}

}
