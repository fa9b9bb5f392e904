package dev.cider.broker;

import java.io.IOException;
import java.io.InputStream;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G19: whoever happens to cause a thread of a broker, by listenAndServe, an operator's
 * request or a crash, leaves no trace on it.
 */
class ThreadInheritanceTests {

	private final Map<String, Context> seen = new ConcurrentHashMap<>();

	private final Puppets puppets = new Puppets(() -> new Puppet() {
		@Override
		public void listenAndServe() throws Exception {
			look();
			super.listenAndServe();
		}

		@Override
		public void close() throws Exception {
			look();
			super.close();
		}
	});

	private void look() {
		look(Thread.currentThread());
	}

	private void look(Thread thread) {
		this.seen.put(thread.getName(), new Context(thread.getPriority(), thread.getThreadGroup()));
	}

	/** As somebody's housekeeping does it. */
	private static void callFrom(ThreadGroup group, Runnable call) throws InterruptedException {
		Thread caller = new Thread(group, call, "housekeeper");
		caller.setPriority(Thread.MIN_PRIORITY);
		caller.start();
		caller.join();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void noThreadHasThePriorityOrTheGroupOfWhoeverCausedIt(boolean userFactory) throws Exception {
		Leftovers leftovers = new Leftovers();
		Broker.Builder builder = Broker.builder().keepServing(true);
		Broker broker = (userFactory ? builder.threadFactory(Thread::new) : builder).build();
		broker.registerEndpointFactory("tcp", this.puppets);
		broker.monitor((report) -> look());
		ThreadGroup group = new ThreadGroup("housekeeping");
		group.setMaxPriority(Thread.MIN_PRIORITY);
		callFrom(group, broker::listenAndServe);
		this.puppets.next();
		callFrom(group, () -> broker.stop("tcp"));
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		callFrom(group, () -> broker.start("tcp"));
		this.puppets.next().crash();
		this.puppets.next();
		Waiting.until(() -> this.seen.containsKey("broker-monitor-2"));
		leftovers.ofBrokers().filter((thread) -> !thread.getName().equals("broker-keep-alive")).forEach(this::look);
		CompletableFuture<?> handed = broker.terminated().thenRun(this::look);
		callFrom(group, broker::terminate);
		handed.get();
		assertThat(this.seen).containsKeys("broker-timer", "broker-monitor-1", "broker-monitor-2", "broker-tcp-1",
				"broker-tcp-1-close", "broker-tcp-2", "broker-tcp-3", "broker-tcp-3-close");
		assertThat(this.seen.keySet()).anyMatch((name) -> name.startsWith("broker-hand-"));
		assertThat(this.seen.values()).containsOnly(new Context(Thread.NORM_PRIORITY, main()));
	}

	/**
	 * Some launchers wait for the threads of the group in which they call {@code main}.
	 */
	@Test
	void theThreadThatHoldsTheJvmIsInTheGroupOfTheCallerOfListenAndServe() throws Exception {
		Broker broker = Broker.create();
		broker.registerEndpointFactory("tcp", this.puppets);
		ThreadGroup group = new ThreadGroup("launcher");
		callFrom(group, broker::listenAndServe);
		this.puppets.next();
		Thread[] held = new Thread[8];
		assertThat(group.enumerate(held)).isEqualTo(1);
		assertThat(held[0].getName()).isEqualTo("broker-keep-alive");
		assertThat(held[0].isDaemon()).isFalse();
		broker.close();
	}

	@Test
	void g15AThreadKeepsNoClassLoaderOfTheCodeThatCausedIt() throws Exception {
		Leftovers leftovers = new Leftovers();
		Consumer<Broker> starter = starterOfAnotherApplication();
		leftovers.watch(starter.getClass().getClassLoader());
		Broker broker = Broker.builder().keepServing(true).build();
		broker.registerEndpointFactory("tcp", this.puppets, EndpointOptions.builder().autoStart(false).build());
		broker.listenAndServe();
		starter.accept(broker);
		starter = null;
		this.puppets.next();
		leftovers.awaitNone();
		assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
		broker.close();
	}

	@SuppressWarnings("unchecked")
	private static Consumer<Broker> starterOfAnotherApplication() throws Exception {
		return (Consumer<Broker>) new Application().loadClass(Starter.class.getName())
			.getDeclaredConstructor()
			.newInstance();
	}

	private static ThreadGroup main() {
		return Stream.iterate(Thread.currentThread().getThreadGroup(), ThreadGroup::getParent)
			.filter((group) -> group.getName().equals("main"))
			.findFirst()
			.orElseThrow();
	}

	private record Context(int priority, ThreadGroup group) {
	}

	/** Loaded by an {@link Application}. */
	public static final class Starter implements Consumer<Broker> {

		@Override
		public void accept(Broker broker) {
			broker.start("tcp");
		}

	}

	/** Has a class, and a protection domain, of its own. */
	private static final class Application extends ClassLoader {

		Application() {
			super(ThreadInheritanceTests.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (!name.equals(Starter.class.getName())) {
				return super.loadClass(name, resolve);
			}
			try (InputStream code = getResourceAsStream(name.replace('.', '/') + ".class")) {
				byte[] bytes = code.readAllBytes();
				return defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(null, null, this, null));
			}
			catch (IOException unreadable) {
				throw new ClassNotFoundException(name, unreadable);
			}
		}

	}

}
