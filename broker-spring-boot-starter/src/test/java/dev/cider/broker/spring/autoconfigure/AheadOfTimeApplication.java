package dev.cider.broker.spring.autoconfigure;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

/**
 * An application in a process of its own with endpoints of every form. It prints what
 * happens, and ends when all have served.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({ AheadOfTimeApplication.ByConstructor.class, AheadOfTimeApplication.FactoryOfConfiguration.class,
		AheadOfTimeApplication.PrototypeOfConfiguration.class, AheadOfTimeApplication.NeededByFactory.class,
		AheadOfTimeApplication.NeededByPrototype.class, AheadOfTimeApplication.NeededByArguments.class,
		AheadOfTimeApplication.WithMethod.class })
class AheadOfTimeApplication {

	static void print(String happened) {
		System.out.println("# " + happened);
	}

	public static void main(String[] args) {
		try (ConfigurableApplicationContext context = SpringApplication.run(AheadOfTimeApplication.class, args)) {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			operations.endpoints()
				.forEach((endpoint) -> ScriptedFactory.awaitState(operations, endpoint.id(), EndpointState.SERVING));
			operations.restart("byConstructor");
			ScriptedFactory.await(() -> operations.endpoint("byConstructor").starts() == 2
					&& operations.endpoint("byConstructor").state() == EndpointState.SERVING);
		}
	}

	@Bean
	@Supervised
	ContextualEndpointFactory contextual() {
		return (context) -> {
			print(context.id() + " " + context.incarnation());
			return new ScriptedEndpoint();
		};
	}

	@Bean
	@Supervised
	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	Endpoint byMethod(NeededByArguments needed, EndpointContext context) {
		print(context.id() + " " + context.incarnation());
		return new Printing("arguments");
	}

	@Supervised
	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	@Component("byConstructor")
	static class ByConstructor extends ScriptedEndpoint {

		ByConstructor(NeededByArguments needed, EndpointContext context) {
			print(context.id() + " " + context.incarnation());
		}

	}

	@Component("withMethod")
	static class WithMethod {

		@Supervised
		void serve(EndpointContext context) throws InterruptedException {
			print(context.id() + " " + context.incarnation());
			new CountDownLatch(1).await();
		}

	}

	/** In a later phase than the broker, so it is the dependency that puts it first. */
	private static class Needed implements SmartLifecycle {

		private final String name;

		private volatile boolean running;

		Needed(String name) {
			this.name = name;
		}

		@Override
		public void start() {
			print(this.name + " started");
			this.running = true;
		}

		@Override
		public void stop() {
			print(this.name + " stopped");
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	static class NeededByFactory extends Needed {

		NeededByFactory() {
			super("needed by factory");
		}

	}

	static class NeededByPrototype extends Needed {

		NeededByPrototype() {
			super("needed by prototype");
		}

	}

	static class NeededByArguments extends Needed {

		NeededByArguments() {
			super("needed by arguments");
		}

	}

	private static class Printing extends ScriptedEndpoint {

		private final String name;

		Printing(String name) {
			this.name = name;
			print(name + " made");
		}

		@Override
		public void close() throws Exception {
			super.close();
			print(this.name + " closed");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FactoryOfConfiguration {

		@Autowired
		NeededByFactory needed;

		@Bean
		@Supervised
		EndpointFactory factory() {
			return () -> new Printing("factory");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeOfConfiguration {

		@Autowired
		NeededByPrototype needed;

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint prototype() {
			return new Printing("prototype");
		}

	}

}
