package dev.cider.broker.sample;

import java.net.InetAddress;
import java.util.Map;

import dev.cider.broker.sample.exchange.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The settings, their defaults and what is refused.
 */
class SamplePropertiesTests {

	@Test
	void byDefaultItBindsToLoopbackAndCannotBeCrashed() {
		SampleProperties properties = bind(Map.of());
		assertThat(properties.bindAddress()).isEqualTo(InetAddress.getLoopbackAddress());
		assertThat(properties.maxLineBytes()).isEqualTo(65536);
		assertThat(properties.crashEnabled()).isFalse();
		assertThat(properties.tcp().port()).isEqualTo(7070);
		assertThat(properties.maxConnections()).isEqualTo(1000);
		assertThat(properties.limits()).isEqualTo(Limits.DEFAULTS);
		assertThat(properties.websocket().port()).isEqualTo(7071);
		assertThat(properties.zeromq().port()).isEqualTo(7072);
	}

	@Test
	void everythingCanBeSet() {
		SampleProperties properties = bind(Map.of("sample.bind-address", "0.0.0.0", "sample.max-line-length", "1MB",
				"sample.crash-enabled", "true", "sample.tcp.port", "0"));
		assertThat(properties.bindAddress().isAnyLocalAddress()).isTrue();
		assertThat(properties.maxLineLength()).isEqualTo(DataSize.ofMegabytes(1));
		assertThat(properties.crashEnabled()).isTrue();
		assertThat(properties.tcp().port()).isZero();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					sample.tcp.port        | 65536  | sample.tcp.port is 65536, but a port is a number from 0
					sample.tcp.port        | -1     | sample.tcp.port is -1, but a port is a number from 0
					sample.websocket.port  | 65536  | sample.websocket.port is 65536, but a port is a number from 0
					sample.zeromq.port     | -1     | sample.zeromq.port is -1, but a port is a number from 0
					sample.call-timeout    | 0s     | sample.call-timeout is PT0S, but must be longer than zero
					sample.call-timeout    | 25h    | sample.call-timeout is PT25H, but must be longer than zero and at most a day
					sample.max-methods     | 0      | sample.max-methods is 0, but must be at least 1
					sample.max-connections | 0      | sample.max-connections is 0, but must be at least 1
					sample.max-pending-calls | -1   | sample.max-pending-calls is -1, but must be at least 1
					sample.max-line-length | 1023   | sample.max-line-length is 1023B, but must be from 1KB to 16MB
					sample.max-line-length | 17MB   | sample.max-line-length is 17825792B, but must be from 1KB to 16MB
					""")
	void aValueThatMakesNoSenseIsRefusedWithItsNameAndTheRule(String name, String value, String message) {
		assertThatException().isThrownBy(() -> bind(Map.of(name, value)))
			.havingRootCause()
			.withMessageStartingWith(message);
	}

	private static SampleProperties bind(Map<String, String> values) {
		return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("sample", SampleProperties.class);
	}

}
