package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.annotation.DirtiesContext.HierarchyMode;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring's test context cache pauses a context while tests of another one run, in every
 * application's test suite.
 */
class TestContextCacheTests {

	@Test
	void aPausedContextServesAgainWhenItsTestsGoOnAndWhatWasStoppedStaysStopped() throws Exception {
		TestContextManager first = begin(FirstTests.class);
		BrokerLifecycle broker = broker(first);
		ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
		broker.stop("udp");
		ScriptedFactory.awaitState(broker, "udp", EndpointState.STOPPED);
		first.afterTestClass();

		TestContextManager other = begin(OtherTests.class);
		ScriptedFactory.awaitState(broker(other), "tcp", EndpointState.SERVING);
		assertThat(broker.isRunning()).isFalse();
		assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(broker(other)).isNotSameAs(broker);
		other.afterTestClass();

		TestContextManager again = begin(LaterTests.class);
		assertThat(broker(again)).isSameAs(broker);
		ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
		assertThat(broker.state()).isEqualTo(BrokerState.SERVING);
		assertThat(broker.endpoint("tcp").incarnation()).isEqualTo(2);
		assertThat(broker.endpoint("udp").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(broker.endpoint("udp").starts()).isOne();
		again.afterTestClass();
		close(again);
		close(other);
	}

	private static TestContextManager begin(Class<?> testClass) throws Exception {
		TestContextManager manager = new TestContextManager(testClass);
		manager.beforeTestClass();
		return manager;
	}

	private static BrokerLifecycle broker(TestContextManager manager) {
		return manager.getTestContext().getApplicationContext().getBean(BrokerLifecycle.class);
	}

	/** The cache would keep it until the JVM ends. */
	private static void close(TestContextManager manager) {
		TestContext context = manager.getTestContext();
		context.markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);
	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
	static class FirstTests {

	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE, properties = "other=true")
	static class OtherTests {

	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
	static class LaterTests {

	}

	@SpringBootConfiguration
	@ImportAutoConfiguration(BrokerAutoConfiguration.class)
	static class Application extends TestEndpoints.TcpAndUdp {

	}

}
