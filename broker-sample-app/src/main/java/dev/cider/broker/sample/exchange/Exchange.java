package dev.cider.broker.sample.exchange;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.cider.broker.sample.exchange.BuiltIns.BuiltIn;
import dev.cider.broker.sample.exchange.Message.Malformed;
import dev.cider.broker.sample.exchange.Message.Request;
import dev.cider.broker.sample.exchange.Message.Response;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timer;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Connects the clients of all transports: each client may provide methods, and call those
 * of the others, in JSON-RPC 2.0. The exchange lives as long as the application, while
 * transports come and go. Of a transport it sees only the {@link Link} of each client.
 * <p>
 * One lock guards all state. A thread that holds it only puts frames into outboxes, and
 * sends them after it has released the lock. So a client gets frames in the order of what
 * happened: the answer to its {@code rpc.register} comes before the first call.
 */
public final class Exchange {

	private static final Logger logger = LoggerFactory.getLogger(Exchange.class);

	/** One for all exchanges, as it costs a thread, which the first call starts. */
	private static final Timer TIMER = new HashedWheelTimer(new DefaultThreadFactory("call-timeouts", true));

	/** With more messages, a small frame could cause a very big answer. */
	private static final int MAX_BATCH = 1000;

	private final ReentrantLock lock = new ReentrantLock();

	private final Switchboard switchboard;

	private final BuiltIns builtIns;

	/**
	 * Clients whose outbox got something since this thread took the lock, which guards
	 * this set.
	 */
	private final Set<Client> toDrain = new LinkedHashSet<>();

	/** Written under the lock. */
	private volatile int clients;

	/** Written under the lock. */
	private volatile long calls;

	/**
	 * Creates an exchange without clients.
	 * @param clock the clock of the method {@code time}
	 * @param crashEnabled whether clients may call {@code sample.crash}
	 */
	public Exchange(Clock clock, boolean crashEnabled) {
		this(clock, crashEnabled, Limits.DEFAULTS);
	}

	/**
	 * Creates an exchange without clients.
	 * @param clock the clock of the method {@code time}
	 * @param crashEnabled whether clients may call {@code sample.crash}
	 * @param limits the limits of each client
	 */
	public Exchange(Clock clock, boolean crashEnabled, Limits limits) {
		this(clock, crashEnabled, limits, TIMER);
	}

	Exchange(Clock clock, boolean crashEnabled, Limits limits, Timer timer) {
		this.switchboard = new Switchboard(limits, timer, this::expire);
		this.builtIns = new BuiltIns(this.switchboard, clock, crashEnabled);
	}

	/**
	 * Adds a client.
	 * @param link sends to the client
	 * @return the client, which takes what the transport receives
	 */
	public Client attach(Link link) {
		Client client = new Client(this, link);
		change(() -> this.clients++);
		return client;
	}

	/**
	 * How many clients there are.
	 * @return those attached and not detached
	 */
	public int clients() {
		return this.clients;
	}

	/**
	 * How many calls and notifications came in, answered or not.
	 * @return the number since the exchange was made
	 */
	public long calls() {
		return this.calls;
	}

	/**
	 * The methods that a client can call now.
	 * @return the names, built in or provided
	 */
	public SortedSet<String> methods() {
		this.lock.lock();
		try {
			return this.builtIns.names();
		}
		finally {
			this.lock.unlock();
		}
	}

	void receive(Client client, String frame) {
		Json json;
		try {
			json = Json.parse(frame);
		}
		catch (JacksonException ex) {
			unreadable(client, String.valueOf(ex.getOriginalMessage()));
			return;
		}
		if (json.kind() == Json.Kind.ARRAY) {
			receiveBatch(client, json.elements());
		}
		else {
			Message message = Message.of(json);
			change(() -> handle(client, message, client::send));
		}
	}

	void unreadable(Client client, String reason) {
		String frame = Frames.error(Json.NULL, ErrorCode.PARSE_ERROR, "Parse error: " + reason);
		change(() -> client.send(frame));
	}

	void endInput(Client client) {
		change(() -> {
			this.switchboard.withdraw(client);
			client.ending();
		});
	}

	void detach(Client client) {
		change(() -> {
			if (!client.isGone()) {
				client.gone();
				this.clients--;
				this.switchboard.withdraw(client);
				this.switchboard.forget(client);
			}
		});
	}

	void drainLater(Client client) {
		this.toDrain.add(client);
	}

	private void expire(Call call) {
		change(() -> this.switchboard.expire(call));
	}

	private void receiveBatch(Client client, List<Json> elements) {
		if (elements.isEmpty() || elements.size() > MAX_BATCH) {
			String reason = "a batch has 1 to " + MAX_BATCH + " messages";
			change(() -> handle(client, new Malformed(Json.NULL, reason), client::send));
			return;
		}
		List<Message> messages = elements.stream().map(Message::of).toList();
		change(() -> {
			Batch batch = new Batch(client::send);
			for (Message message : messages) {
				Json id = idOfAnswer(message);
				handle(client, message, (id != null) ? batch.slot(id) : client::send);
			}
			batch.seal();
		});
	}

	/** {@code null} for a notification or a response: these get no answer. */
	private static @Nullable Json idOfAnswer(Message message) {
		if (message instanceof Malformed malformed) {
			return malformed.id();
		}
		return (message instanceof Request request) ? request.id() : null;
	}

	private void handle(Client client, Message message, Consumer<String> reply) {
		if (client.isGone()) {
			return;
		}
		if (message instanceof Request request) {
			this.calls++;
			handle(client, request, reply);
		}
		else if (message instanceof Response response) {
			this.switchboard.answer(client, response);
		}
		else if (message instanceof Malformed malformed) {
			reply.accept(
					Frames.error(malformed.id(), ErrorCode.INVALID_REQUEST, "Invalid Request: " + malformed.reason()));
		}
	}

	private void handle(Client client, Request request, Consumer<String> reply) {
		Json id = request.id();
		@Nullable String answer;
		try {
			BuiltIn builtIn = this.builtIns.find(request.method());
			if (builtIn == null) {
				this.switchboard.call(client, request, reply);
				return;
			}
			Json result = builtIn.call(client, request.params());
			answer = (id != null && result != null) ? Frames.result(id, result) : null;
		}
		catch (RpcException ex) {
			answer = (id != null) ? Frames.error(id, ex.code(), ex.text()) : null;
		}
		catch (RuntimeException ex) {
			logger.error("Failed to handle a request", ex);
			answer = (id != null) ? Frames.error(id, ErrorCode.INTERNAL_ERROR, "Internal error") : null;
		}
		if (answer != null) {
			reply.accept(answer);
		}
	}

	private void change(Runnable change) {
		List<Client> drained = new ArrayList<>();
		this.lock.lock();
		try {
			change.run();
		}
		finally {
			drained.addAll(this.toDrain);
			this.toDrain.clear();
			this.lock.unlock();
		}
		drained.forEach(Client::drain);
	}

}
