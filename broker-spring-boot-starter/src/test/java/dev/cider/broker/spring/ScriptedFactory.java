package dev.cider.broker.spring;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;

/**
 * Makes scripted endpoints and remembers them.
 */
public class ScriptedFactory implements EndpointFactory {

	public final List<ScriptedEndpoint> made = new CopyOnWriteArrayList<>();

	private final Supplier<ScriptedEndpoint> maker;

	public ScriptedFactory() {
		this(ScriptedEndpoint::new);
	}

	public ScriptedFactory(Supplier<ScriptedEndpoint> maker) {
		this.maker = maker;
	}

	@Override
	public ScriptedEndpoint create() {
		ScriptedEndpoint endpoint = this.maker.get();
		this.made.add(endpoint);
		return endpoint;
	}

	public ScriptedEndpoint latest() {
		return this.made.get(this.made.size() - 1);
	}

	/**
	 * Crashes the incarnation that serves now, and waits until that is seen.
	 */
	public void crash(BrokerOperations operations, String id, Exception error) {
		awaitState(operations, id, EndpointState.SERVING);
		long crashes = operations.endpoint(id).crashes();
		latest().crash(error);
		await(() -> operations.endpoint(id).crashes() == crashes + 1);
	}

	public static void awaitState(BrokerOperations operations, String id, EndpointState state) {
		await(() -> operations.endpoint(id).state() == state);
	}

	public static void await(Callable<Boolean> condition) {
		Awaitility.await().atMost(Duration.ofMinutes(4)).pollInterval(Duration.ofMillis(5)).until(condition);
	}

}
