package dev.cider.broker.spring.actuate;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;

import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * An application whose endpoints give the page something to show.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(TestEndpoints.Tcp.class)
class PageApplication {

	static final String HOSTILE = "<script>document.hacked = 1</script><img src=x onerror='document.hacked = 2'>";

	private static final String[] SHARED = { "--server.address=127.0.0.1", "--server.port=0",
			"--spring.application.name=clinic", "--management.endpoints.web.exposure.include=broker,brokerpage,health",
			"--management.endpoint.broker.access=unrestricted", "--management.endpoint.broker.show-values=always",
			"--broker.restart.delay=0s", "--broker.restart.jitter=0s",
			"--broker.endpoints.tcp.restart.allowed-consecutive-errors=unlimited",
			"--broker.endpoints.dropped.restart.allowed-consecutive-errors=1",
			"--broker.endpoints.dropped.restart.revive-after=0s", "--broker.endpoints.waiting.restart.delay=10m",
			"--broker.endpoints.waiting.restart.max-delay=10m" };

	static ConfigurableApplicationContext run(Class<?> more, String... arguments) {
		return new SpringApplicationBuilder(PageApplication.class, more).run(overridden(arguments));
	}

	/** Spring would join the values of an argument that is given twice. */
	private static String[] overridden(String... arguments) {
		Map<String, String> latest = new LinkedHashMap<>();
		for (String argument : StringUtils.concatenateStringArrays(SHARED, arguments)) {
			latest.put(argument.substring(0, argument.indexOf('=')), argument);
		}
		return latest.values().toArray(String[]::new);
	}

	static ConfigurableApplicationContext run(String... arguments) {
		return run(PageApplication.class, arguments);
	}

	static URI page(ConfigurableApplicationContext context) {
		return URI.create("http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port")
				+ "/actuator/brokerpage");
	}

	/**
	 * Crashes {@code tcp}, which is started again at once.
	 */
	static void crash(ConfigurableApplicationContext context) {
		context.getBean("tcp", ScriptedFactory.class)
			.crash(context.getBean(BrokerOperations.class), "tcp", new IllegalStateException(HOSTILE));
	}

	@Bean
	@Supervised
	ScriptedFactory dropped() {
		return new ScriptedFactory(() -> failing("Address already in use"));
	}

	@Bean
	@Supervised
	ScriptedFactory waiting() {
		return new ScriptedFactory(() -> failing("Connection refused"));
	}

	private static ScriptedEndpoint failing(String message) {
		ScriptedEndpoint endpoint = new ScriptedEndpoint();
		endpoint.crash(new IllegalStateException(message));
		return endpoint;
	}

	/**
	 * As many more as the environment says. The first one has a number for a name: an
	 * object of JavaScript lists such names first.
	 */
	@Bean
	static BeanDefinitionRegistryPostProcessor feeds(Environment environment) {
		int count = environment.getProperty("test.feeds", Integer.class, 0);
		return (registry) -> {
			for (int number = 1; number <= count; number++) {
				RootBeanDefinition definition = new RootBeanDefinition(ScriptedFactory.class, ScriptedFactory::new);
				TestEndpoints.supervised().customize(definition);
				registry.registerBeanDefinition((number == 1) ? "7070" : "feed-%05d".formatted(number), definition);
			}
		};
	}

}
