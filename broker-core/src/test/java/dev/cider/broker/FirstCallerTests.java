package dev.cider.broker;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.FutureTask;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G15, for an application that comes and goes while the library stays, as under a server
 * or a restart of the developer's tools: nothing of the first caller is kept in a static
 * field.
 */
class FirstCallerTests {

	private final InheritableThreadLocal<Object> inherited = new InheritableThreadLocal<>();

	private final Leftovers leftovers = new Leftovers();

	@Test
	void theLibraryKeepsNothingOfWhoCalledItFirst() throws Exception {
		URL[] classes = { locationOf(Broker.class), locationOf(Logger.class), locationOf(Nullable.class) };
		try (URLClassLoader library = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader())) {
			FutureTask<Void> call = new FutureTask<>(() -> {
				this.inherited.set(this.leftovers.watch(new Object()));
				serveOnce(library);
				return null;
			});
			Thread caller = new Thread(call);
			caller.setContextClassLoader(this.leftovers.watch(new URLClassLoader(new URL[0])));
			caller.start();
			call.get();
			caller.join();
			caller = null;
			call = null;
			assertThat(this.leftovers.watched()).isEqualTo(2);
			this.leftovers.awaitNone();
			assertThat(library.loadClass(Broker.class.getName())).isNotEqualTo(Broker.class);
		}
	}

	private static void serveOnce(ClassLoader library) throws Exception {
		Class<?> type = library.loadClass(Broker.class.getName());
		Object endpoint = Proxy.newProxyInstance(library,
				new Class<?>[] { library.loadClass(Endpoint.class.getName()) }, (proxy, method, arguments) -> null);
		Class<?> factoryType = library.loadClass(EndpointFactory.class.getName());
		Object factory = Proxy.newProxyInstance(library, new Class<?>[] { factoryType },
				(proxy, method, arguments) -> endpoint);
		Object broker = type.getMethod("create").invoke(null);
		type.getMethod("registerEndpointFactory", String.class, factoryType).invoke(broker, "tcp", factory);
		call(broker, "listenAndServe");
		call(broker, "await");
	}

	private static void call(Object broker, String method) throws Exception {
		Method called = broker.getClass().getMethod(method);
		called.invoke(broker);
	}

	private static URL locationOf(Class<?> type) {
		return type.getProtectionDomain().getCodeSource().getLocation();
	}

}
