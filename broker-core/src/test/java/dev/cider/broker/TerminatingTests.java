package dev.cider.broker;

import java.lang.reflect.Field;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * That a terminate which fails half-way can be repeated (G11).
 */
class TerminatingTests {

	@Test
	void g11ATerminateThatRanOutOfMemoryIsMadeGoodByTheNext() throws Exception {
		Puppets puppets = new Puppets();
		Broker broker = Broker.builder().keepServing(true).build();
		broker.registerEndpointFactory("tcp", puppets);
		broker.listenAndServe();
		Puppet puppet = puppets.next();
		failOnce(broker);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(broker::terminate);
		broker.terminate();
		Waiting.on(puppet.closed);
		assertThat(broker.await(Waiting.LIMIT)).isTrue();
	}

	/** The next walk through all endpoints runs out of memory. */
	@SuppressWarnings("unchecked")
	private static void failOnce(Broker broker) throws ReflectiveOperationException {
		Field inOrder = Broker.class.getDeclaredField("inOrder");
		inOrder.setAccessible(true);
		inOrder.set(broker, new Short((Queue<EndpointSupervisor>) inOrder.get(broker)));
	}

	private static final class Short extends ConcurrentLinkedQueue<EndpointSupervisor> {

		private static final long serialVersionUID = 1;

		private final AtomicBoolean failed = new AtomicBoolean();

		Short(Queue<EndpointSupervisor> all) {
			super(all);
		}

		@Override
		public void forEach(Consumer<? super EndpointSupervisor> action) {
			if (this.failed.compareAndSet(false, true)) {
				throw new OutOfMemoryError("as the test wants it");
			}
			super.forEach(action);
		}

	}

}
