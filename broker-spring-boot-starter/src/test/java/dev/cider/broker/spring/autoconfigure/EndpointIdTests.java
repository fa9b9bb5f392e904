package dev.cider.broker.spring.autoconfigure;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which bean names can be operated over HTTP. {@code BrokerEndpointIdsTests} shows that
 * those that are allowed are.
 */
class EndpointIdTests {

	@ParameterizedTest
	@ValueSource(strings = { "a/b", "/", "a\\b", ".", "..", "a;b", "a%b", "a%2Fb", "a\nb", "a\tb", "a\u0000b",
			"a\u007fb", "a\u2028b" })
	void anIdThatAServerAFirewallOrAClientWouldChangeIsRefused(String id) {
		assertThat(EndpointId.flaw(id)).isNotNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "tcp", "priceFeed", "com.example.Feed", "com.example.Outer$Feed", "com.example.Feed#0",
			"...", "a b", "a:b", "a+b", "a?b", "ä", "日本", "[a]", "{a}", "*" })
	void everyOtherBeanNameIsAllowed(String id) {
		assertThat(EndpointId.flaw(id)).isNull();
	}

}
