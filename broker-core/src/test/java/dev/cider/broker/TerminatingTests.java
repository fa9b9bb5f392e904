package dev.cider.broker;

import java.lang.reflect.Field;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * That a terminate which fails half-way can be repeated (G11).
 */
class TerminatingTests {

	@Test
	void g11ATerminateThatFailedHalfWayIsMadeGoodByTheNext() throws Exception {
		Puppets puppets = new Puppets();
		Broker broker = Broker.builder().keepServing(true).build();
		broker.registerEndpointFactory("tcp", puppets);
		broker.listenAndServe();
		Puppet puppet = puppets.next();
		Field inOrder = EndpointRegistry.class.getDeclaredField("inOrder");
		inOrder.setAccessible(true);
		Object registry = new Insides(broker).registry();
		Object all = inOrder.get(registry);
		inOrder.set(registry, null);
		assertThatNullPointerException().isThrownBy(broker::terminate);
		inOrder.set(registry, all);
		broker.terminate();
		Waiting.on(puppet.closed);
		assertThat(broker.await(Waiting.LIMIT)).isTrue();
	}

}
