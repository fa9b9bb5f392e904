package dev.cider.broker.sample.exchange;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one client gets for what it says.
 */
class ProtocolTests {

	private final Clock clock = Clock.fixed(Instant.parse("2026-11-22T10:15:30.5Z"), ZoneOffset.ofHours(5));

	private final FakeClient client = new FakeClient(new Exchange(this.clock, true));

	@Test
	void echoGivesItsParamsBack() {
		this.client.asks("1", "echo", "[\"hi\"]");
		assertThat(this.client.heard()).containsExactly("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"hi\"]}");
	}

	@Test
	void echoWithoutParamsGivesNull() {
		this.client.asks("1", "echo");
		assertThat(this.client.heard()).containsExactly(FakeClient.result("1", "null"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "1e400", "-1E-400", "123456789012345678901234567890", "1.10", "-0", "-0.0",
			"1e99999999999", "\"\\u00e9\\ud800\\/\"", "\"\u00e9\ud83d\ude00\"", "{\"a\": {\"b\" :[ ] }}", "true",
			"null", "\"\"" })
	void echoChangesNoCharacterOfWhatItIsGiven(String value) {
		this.client.asks("1", "echo", "[" + value + "]");
		assertThat(this.client.heard()).containsExactly(FakeClient.result("1", "[" + value + "]"));
	}

	@Test
	void numbersMayBeVeryLong() {
		String number = "7".repeat(50_000) + ".5";
		this.client.asks(number, "echo", "[" + number + "]");
		assertThat(this.client.heard()).containsExactly(FakeClient.result(number, "[" + number + "]"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-1", "1.50", "1e400", "123456789012345678901234567890", "\"a\"", "\"\"",
			"\"\\u0041\"", "null" })
	void theIdComesBackAsItWas(String id) {
		this.client.asks(id, "echo", "[]");
		assertThat(this.client.heard()).containsExactly(FakeClient.result(id, "[]"));
	}

	@Test
	void lineBreaksBetweenTokensDoNotComeBack() {
		this.client.asks("1", "echo", "[1,\r\n2]");
		assertThat(this.client.heard()).containsExactly(FakeClient.result("1", "[1,  2]"));
	}

	@Test
	void timeIsIsoInUtc() {
		this.client.asks("1", "time");
		assertThat(this.client.heard()).containsExactly(FakeClient.result("1", "\"2026-11-22T10:15:30.500Z\""));
	}

	@Test
	void builtInMethodsAreListed() {
		this.client.asks("1", "rpc.methods", "{}");
		assertThat(this.client.heard()).containsExactly(FakeClient.result("1",
				"[\"echo\",\"rpc.cancel\",\"rpc.methods\",\"rpc.register\",\"rpc.unregister\",\"sample.crash\",\"time\"]"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "{", "[", "nonsense", "{\"jsonrpc\":\"2.0\",\"id\":1,", "{} {}", "[] x", "1 2",
			"{'a':1}", "{\"a\":01}", "{\"a\":1,\"a\":2}", "[{\"id\":1,\"id\":1}]", "\ufeff{}", "\u0000", "\"\u0001\"",
			"{\"a\":NaN}", "\"\\x\"", "[1,]", "// no" })
	void whatIsNotJsonIsAParseError(String frame) {
		this.client.says(frame);
		assertOneError("null", ErrorCode.PARSE_ERROR);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[", "{\"a\":" })
	void deepNestingIsAParseError(String open) {
		this.client.says(open.repeat(20_000));
		assertOneError("null", ErrorCode.PARSE_ERROR);
	}

	@Test
	void nestingUpToTheLimitIsFine() {
		int depth = Json.MAX_DEPTH - 1;
		String params = "[".repeat(depth) + "]".repeat(depth);
		this.client.asks("1", "echo", params);
		this.client.asks("1", "echo", "[" + params + "]");
		assertThat(this.client.heard()).hasSize(2)
			.startsWith(FakeClient.result("1", params))
			.last()
			.asString()
			.startsWith(FakeClient.errorStart("null", ErrorCode.PARSE_ERROR));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			1                                                       | null
			"text"                                                  | null
			null                                                    | null
			{}                                                      | null
			{"jsonrpc":"2.0","id":5}                                | 5
			{"jsonrpc":"2.0","method":1,"params":"bar"}             | null
			{"jsonrpc":"2.0","method":null,"id":1}                  | 1
			{"jsonrpc":"1.0","method":"echo","id":1}                | 1
			{"jsonrpc":2.0,"method":"echo","id":"a"}                | "a"
			{"method":"echo","id":1}                                | 1
			{"jsonrpc":"2.0","method":"echo","id":true}             | null
			{"jsonrpc":"2.0","method":"echo","id":[1]}              | null
			{"jsonrpc":"2.0","method":"echo","id":{}}               | null
			{"jsonrpc":"2.0","method":"echo","id":1,"params":"x"}   | 1
			{"jsonrpc":"2.0","method":"echo","id":1,"params":null}  | 1
			[]                                                      | null
			""")
	void whatIsNotAMessageIsAnInvalidRequest(String frame, String id) {
		this.client.says(frame);
		assertOneError(id, ErrorCode.INVALID_REQUEST);
	}

	@Test
	void anUnknownMethodIsNotFound() {
		this.client.asks("\"x\"", "no.such");
		assertOneError("\"x\"", ErrorCode.METHOD_NOT_FOUND);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			rpc.register    | []
			rpc.register    | [1]
			rpc.register    | [null]
			rpc.register    | [""]
			rpc.register    | [" "]
			rpc.register    | ["a","b"]
			rpc.register    | {}
			rpc.register    | {"name":"a"}
			rpc.register    | {"method":["a"]}
			rpc.register    | {"method":"a","more":1}
			rpc.unregister  | [true]
			rpc.methods     | [1]
			time            | {"zone":"UTC"}
			""")
	void paramsThatABuiltInCannotUseAreInvalid(String method, String params) {
		this.client.asks("1", method, params);
		assertOneError("1", ErrorCode.INVALID_PARAMS);
	}

	@Test
	void registerNeedsParams() {
		this.client.asks("1", "rpc.register");
		assertOneError("1", ErrorCode.INVALID_PARAMS);
	}

	@Test
	void namesHaveALimit() {
		this.client.asks("1", "rpc.register", "[\"" + "n".repeat(128) + "\"]");
		assertThat(this.client.heard()).containsExactly(FakeClient.result("1", "true"));
		this.client.asks("1", "rpc.register", "[\"" + "n".repeat(129) + "\"]");
		assertOneError("1", ErrorCode.INVALID_PARAMS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "rpc.register", "rpc.own", "rpc.", "echo", "time", "sample.crash" })
	void theExchangesOwnNamesCannotBeRegistered(String name) {
		this.client.asks("1", "rpc.register", "[\"" + name + "\"]");
		assertOneError("1", ErrorCode.NAME_RESERVED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}",
			"{\"jsonrpc\":\"2.0\",\"method\":\"no.such\",\"params\":[]}",
			"{\"jsonrpc\":\"2.0\",\"method\":\"rpc.register\",\"params\":[1]}",
			"{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":99}", "{\"jsonrpc\":\"2.0\",\"result\":1}",
			"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":1,\"message\":\"\"},\"id\":null}", "{\"error\":1}" })
	void notificationsAndAnswersToNothingGetNoReply(String frame) {
		this.client.says(frame);
		this.client.says('[' + frame + ',' + frame + ']');
		assertThat(this.client.heard()).isEmpty();
	}

	@Test
	void aBatchIsAnsweredAsOneInTheOrderOfItsRequests() {
		this.client.says("""
				[{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]}, 7,
				{"jsonrpc":"2.0","method":"echo","params":[2]},
				{"jsonrpc":"2.0","id":"3","method":"no.such"}]""");
		assertThat(this.client.heard()).singleElement()
			.asString()
			.startsWith("[" + FakeClient.result("1", "[1]") + ","
					+ FakeClient.errorStart("null", ErrorCode.INVALID_REQUEST))
			.contains("}}," + FakeClient.errorStart("\"3\"", ErrorCode.METHOD_NOT_FOUND))
			.endsWith("}}]");
	}

	@Test
	void aBatchThatIsTooBigIsRefusedAsOne() {
		this.client.says("[1" + ",1".repeat(1000) + "]");
		assertOneError("null", ErrorCode.INVALID_REQUEST);
	}

	@Test
	void anErrorRepeatsOnlyTheStartOfALongName() {
		this.client.asks("1", "n".repeat(10_000));
		assertThat(this.client.heard()).singleElement().asString().hasSizeLessThan(300).endsWith("...\"}}");
	}

	@Test
	void aCrashReachesTheTransportAndIsNotAnswered() {
		this.client.asks("1", "sample.crash");
		assertThat(this.client.heard()).isEmpty();
		assertThat(this.client.crash).isInstanceOf(RequestedCrashException.class)
			.hasMessage("A client called sample.crash");
	}

	@Test
	void aCrashThatIsSwitchedOffIsNotFound() {
		FakeClient other = new FakeClient(new Exchange(this.clock, false));
		other.asks("1", "sample.crash");
		assertThat(other.heard()).singleElement()
			.asString()
			.startsWith(FakeClient.errorStart("1", ErrorCode.METHOD_NOT_FOUND));
		assertThat(other.crash).isNull();
	}

	@Test
	void aCrashInANotificationCrashesToo() {
		this.client.says("{\"jsonrpc\":\"2.0\",\"method\":\"sample.crash\"}");
		assertThat(this.client.crash).isNotNull();
	}

	@Test
	void everyErrorIsItselfWellFormed() {
		Consumer<String> check = (method) -> {
			this.client.asks("1", method);
			String answer = this.client.heard().get(0);
			assertThat(Json.parse(answer).members().get("error")).isNotNull();
		};
		check.accept("\\\"quoted\\\"");
		check.accept("\\u0000\\n\\u2028");
		check.accept("\\ud800");
	}

	private void assertOneError(String id, int code) {
		assertThat(this.client.heard()).singleElement().asString().startsWith(FakeClient.errorStart(id, code));
	}

}
