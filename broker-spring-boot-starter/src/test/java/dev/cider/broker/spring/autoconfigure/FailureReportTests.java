package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is printed when a start fails.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureReportTests {

	private static void run(Class<?> application, String... arguments) {
		assertThatException().isThrownBy(
				() -> new SpringApplicationBuilder(application).web(WebApplicationType.NONE).run(arguments).close());
	}

	@Test
	void aWrongPropertyIsReportedWithKeyValueAndOrigin(CapturedOutput output) {
		run(Empty.class, "--broker.restart.multiplier=0.5");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value '0.5' for configuration property 'broker.restart.multiplier'")
			.contains("originating from \"broker.restart.multiplier\" from property source \"commandLineArgs\"")
			.contains("must be a number of at least 1");
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

	@Test
	void aMisspeltSettingOfAnEndpointIsReported(CapturedOutput output) {
		run(Factory.class, "--broker.endpoints.tcp.restart.max-dely=1s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'broker.endpoints.tcp.restart.max-dely' with value '1s'")
			.contains("is no setting of an endpoint: known are restart.mode, ");
	}

	@Test
	void aKeyForAnUnknownEndpointIsReported(CapturedOutput output) {
		run(Empty.class, "--broker.endpoints.tcp.auto-start=false");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'broker.endpoints.tcp.auto-start' with value 'false'")
			.contains("is for an endpoint 'tcp' that does not exist: there is none");
	}

	@Test
	void aSingletonEndpointIsReportedWithWhatToWriteInstead(CapturedOutput output) {
		run(Singleton.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The @Supervised bean 'tcp'")
			.contains("return () -> new ScriptedEndpoint();");
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
	static class Factory {

		@Bean
		@Supervised
		EndpointFactory tcp() {
			return ScriptedEndpoint::new;
		}

	}

}
