package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerThreads;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Scope;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What is printed when a start fails.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureReportTests {

	@TempDir
	private Path directory;

	/**
	 * Runs an application that cannot start, and looks whether it leaves a thread behind.
	 */
	private static Throwable run(Class<?> application, String... arguments) {
		Set<Thread> before = BrokerThreads.alive();
		Throwable failure = catchThrowable(
				() -> new SpringApplicationBuilder(application).web(WebApplicationType.NONE).run(arguments).close());
		assertThat(failure).as("failure of the start").isNotNull();
		Awaitility.await()
			.atMost(Duration.ofMinutes(4))
			.untilAsserted(() -> assertThat(BrokerThreads.alive()).isSubsetOf(before));
		return failure;
	}

	@Test
	void aWrongPropertyIsReportedWithKeyValueAndOrigin(CapturedOutput output) {
		run(Empty.class, "--broker.restart.multiplier=0.5");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value '0.5' for configuration property 'broker.restart.multiplier'")
			.contains("originating from \"broker.restart.multiplier\" from property source \"commandLineArgs\"")
			.contains("must be a number of at least 1")
			.contains("Correct the value of 'broker.restart.multiplier', or remove the property to get the default.");
	}

	@Test
	void aWrongPropertyInAFileIsReportedWithItsLine(CapturedOutput output) throws IOException {
		Path file = Files.writeString(this.directory.resolve("application.properties"), """
				spring.main.banner-mode=off
				# A comment.
				broker.endpoints.tcp.restart.multiplier=0.5
				""");
		run(Factory.class, "--spring.config.location=" + file.toUri());
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value '0.5' for configuration property 'broker.endpoints.tcp.restart.multiplier'")
			.contains("application.properties] - 3:41)")
			.contains("must be a number of at least 1")
			.contains("or remove the property to get the value of 'broker.restart.multiplier' or the default.");
	}

	@Test
	void aClassThatDoesNotExistIsReported(CapturedOutput output) {
		run(Empty.class, "--broker.restart.fatal-exceptions=java.net.BindExeption");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains(
					"Invalid value 'java.net.BindExeption' for configuration property 'broker.restart.fatal-exceptions'")
			.contains("commandLineArgs")
			.contains("there is no class 'java.net.BindExeption'")
			.contains("Name classes on the class path that extend java.lang.Throwable");
	}

	@Test
	void aConfigThatDoesNotExistIsReportedWithTheNearestName(CapturedOutput output) throws IOException {
		Path file = Files.writeString(this.directory.resolve("application.properties"), """
				broker.configs.exchange.restart.delay=1s
				broker.endpoints.tcp.base-config=cleint
				""");
		run(Factory.class, "--spring.config.location=" + file.toUri());
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value 'cleint' for configuration property 'broker.endpoints.tcp.base-config'")
			.contains("application.properties] - 2:34)")
			.contains("there is no config 'cleint': known configs are 'client', 'exchange', 'server'. "
					+ "Did you mean 'client'?")
			.contains("Write 'client' instead, or define the config by settings below 'broker.configs.cleint'.");
	}

	@Test
	void aCycleOfConfigsIsReportedWhole(CapturedOutput output) {
		run(Empty.class, "--broker.configs.one.base-config=two", "--broker.configs.two.base-config=three",
				"--broker.configs.three.base-config=one");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value 'one' for configuration property 'broker.configs.three.base-config'")
			.contains("commandLineArgs")
			.contains("the base configs form a cycle: one -> two -> three -> one")
			.contains("Remove the 'base-config' of one of these configs.");
	}

	@Test
	void aClassThatIsNoThrowableIsReported(CapturedOutput output) {
		run(Factory.class, "--broker.endpoints.tcp.restart.fatal-exceptions=java.lang.String");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value 'java.lang.String' for configuration property "
					+ "'broker.endpoints.tcp.restart.fatal-exceptions'")
			.contains("commandLineArgs")
			.contains("'java.lang.String' is not a Throwable")
			.contains("Name classes on the class path that extend java.lang.Throwable");
	}

	@Test
	void aHeartbeatTimeoutOfAnEndpointWithoutHeartbeatIsReported(CapturedOutput output) {
		run(Factory.class, "--broker.endpoints.tcp.heartbeat-timeout=5s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value '5s' for configuration property 'broker.endpoints.tcp.heartbeat-timeout'")
			.contains("commandLineArgs")
			.contains("the endpoint has no EndpointContext, so it cannot call heartbeat()")
			.contains("Make the endpoint's factory a ContextualEndpointFactory");
	}

	@Test
	void aHeartbeatTimeoutOfAPrototypeWithoutHeartbeatIsReported(CapturedOutput output) {
		run(Prototype.class, "--broker.endpoints.tcp.heartbeat-timeout=5s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains(
					"Give the endpoint's constructor or @Bean method one EndpointContext parameter and call heartbeat()"
							+ " on it, or remove 'broker.endpoints.tcp.heartbeat-timeout'.");
	}

	@Test
	void aMisspeltSharedSettingIsReported(CapturedOutput output) {
		run(Factory.class, "--broker.close-timeuot=1s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'broker.close-timeuot' with value '1s' (originating from \"broker.close-timeuot\" from property"
					+ " source \"commandLineArgs\")")
			.contains("Did you mean 'close-timeout'?");
	}

	@ParameterizedTest
	@CsvSource({ "broker.on-drop, explode", "broker.endpoints.tcp.on-drop, explode", "broker.critical, perhaps",
			"broker.endpoints.tcp.critical, perhaps", "broker.health.down-when, tired",
			"broker.endpoints.tcp.restart.mode, sometimes", "broker.endpoints.tcp.close-timeout, soon" })
	void anUnknownWordIsReportedWithKeyValueAndOrigin(String key, String value, CapturedOutput output) {
		run(Factory.class, "--" + key + "=" + value);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Property: " + key)
			.contains("properties under '" + key + "'")
			.contains(value)
			.contains("from property source \"commandLineArgs\"");
	}

	@Test
	void aStartThatFailsAfterTheBrokerHasStartedLeavesNoThreadBehind() {
		assertThat(run(FailsLate.class)).hasMessage("too late to fail");
	}

	@Test
	void aValueThatCannotBeConvertedIsReportedWithKeyValueAndOrigin(CapturedOutput output) {
		run(Empty.class, "--broker.close-timeout=soon");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("broker.close-timeout")
			.contains("\"soon\"")
			.contains("commandLineArgs");
	}

	@Test
	void aSwitchThatIsNoBooleanFailsTheStartInsteadOfSwitchingSupervisionOff(CapturedOutput output) {
		run(Empty.class, "--broker.enabled=nope");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("broker.enabled")
			.contains("\"nope\"")
			.contains("commandLineArgs");
	}

	@ParameterizedTest
	@CsvSource({ "broker.restart, always, Write 'broker.restart.mode=always' instead",
			"broker.restart, 3, Write one of the known settings instead",
			"broker.health, not-serving, Write 'broker.health.down-when=not-serving' instead",
			"broker.health, up, Write one of the known settings instead",
			"broker.lifecycle, 5, Write one of the known settings instead" })
	void aValueWhereASectionIsExpectedIsReportedWithKeyValueOriginAndAdvice(String key, String value, String advice,
			CapturedOutput output) {
		run(Factory.class, "--" + key + "=" + value);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Configuration property '" + key + "' with value '" + value + "' (originating from \"" + key
					+ "\" from property source \"commandLineArgs\")")
			.contains("'" + key + "' is a section of settings. Known settings are " + key + ".")
			.contains(advice);
	}

	@Test
	void aMisspeltSettingOfAnEndpointIsReported(CapturedOutput output) {
		run(Factory.class, "--broker.endpoints.tcp.restart.max-dely=1s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'broker.endpoints.tcp.restart.max-dely' with value '1s'")
			.contains("is no setting of an endpoint. Known settings are restart.mode, ")
			.contains("Did you mean 'restart.max-delay'?")
			.contains("Write 'broker.endpoints.tcp.restart.max-delay' instead, or remove the property.");
	}

	@Test
	void aMisspeltEndpointIsReportedWithTheOneThatIsMeant(CapturedOutput output) {
		run(Factory.class, "--broker.endpoints.tpc.restart.delay=1s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'broker.endpoints.tpc.restart.delay' with value '1s'")
			.contains(
					"originating from \"broker.endpoints.tpc.restart.delay\" from property source \"commandLineArgs\"")
			.contains("known ids are 'tcp'. Did you mean 'tcp'?")
			.contains("Write 'broker.endpoints.tcp.restart.delay' instead, or name a @Supervised bean 'tpc'.");
	}

	@Test
	void aKeyForAnUnknownEndpointIsReported(CapturedOutput output) {
		run(Empty.class, "--broker.endpoints.tcp.auto-start=false");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'broker.endpoints.tcp.auto-start' with value 'false'")
			.contains("is for an endpoint 'tcp' that does not exist: there are no endpoints")
			.contains("Remove the property, or name a @Supervised bean 'tcp'.");
	}

	@Test
	void aSingletonEndpointIsReportedWithWhatToWriteInstead(CapturedOutput output) {
		run(Singleton.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The @Supervised bean 'tcp'")
			.contains("return () -> new ScriptedEndpoint();");
	}

	@Test
	void aSupervisedBeanOfAnotherTypeIsReportedWithWhatToWriteInstead(CapturedOutput output) {
		run(WrongType.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The @Supervised bean 'tcp'")
			.contains("is of type java.lang.String, but must be an EndpointFactory or an Endpoint.")
			.contains("Remove @Supervised from the bean, or supervise a factory:")
			.contains("EndpointFactory tcp() {")
			.contains("If a method of the bean runs the loop, move @Supervised to that method:");
	}

	@Test
	void anIdThatCannotBeOperatedOverHttpIsReportedWithOneThatCan(CapturedOutput output) {
		run(Slash.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The name of the @Supervised bean 'prices/eur', defined in ")
			.contains("cannot be the id of an endpoint: it contains '/'.")
			.contains("the path '/actuator/broker/{id}'")
			.contains("Give the bean another name, for example with @Bean(\"prices-eur\").");
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Slash {

		@Bean("prices/eur")
		@Supervised
		EndpointFactory prices() {
			return ScriptedEndpoint::new;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Empty {

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Singleton {

		@Bean
		@Supervised
		ScriptedEndpoint tcp() {
			return new ScriptedEndpoint();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Prototype {

		@Bean
		@Supervised
		@Scope("prototype")
		ScriptedEndpoint tcp() {
			return new ScriptedEndpoint();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WrongType {

		@Bean
		@Supervised
		String tcp() {
			return "tcp";
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class FailsLate extends Factory {

		@EventListener
		void refreshed(ContextRefreshedEvent event) {
			BrokerOperations operations = event.getApplicationContext().getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			throw new IllegalStateException("too late to fail");
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Factory {

		@Bean
		@Supervised
		EndpointFactory tcp() {
			return ScriptedEndpoint::new;
		}

	}

}
