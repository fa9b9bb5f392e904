package dev.cider.broker;

import java.util.concurrent.TimeUnit;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;

/**
 * Ours: a broker without any monitor but its log, which writes nothing.
 */
final class BrokerCrowd extends Crowd {

	/** Restarted at once, however often. */
	static final EndpointOptions AT_ONCE = EndpointOptions.builder()
		.restartPolicy(RestartPolicy.builder()
			.backoff(Backoff.none())
			.allowedConsecutiveErrors(RestartPolicy.UNLIMITED)
			.build())
		.build();

	private final Broker broker;

	BrokerCrowd(String[] ids, ThreadKind kind) {
		super(ids);
		this.broker = kind.broker().build();
	}

	@Override
	void register() {
		for (int i = 0; i < size(); i++) {
			int index = i;
			this.broker.registerEndpointFactory(this.ids[i], () -> create(index), AT_ONCE);
		}
	}

	@Override
	void start() {
		this.broker.listenAndServe();
	}

	@Override
	void stop() {
		this.broker.terminate();
		try {
			Termination termination = this.broker.terminated().get(10, TimeUnit.MINUTES);
			if (!termination.stuck().isEmpty()) {
				throw new Snag("stuck: " + termination.stuck().size());
			}
		}
		catch (Exception late) {
			throw new Snag("did not terminate: " + late);
		}
	}

	@Override
	Object look(int i) {
		return this.broker.endpoint(this.ids[i]);
	}

	@Override
	Object list() {
		return this.broker.endpoints();
	}

}
