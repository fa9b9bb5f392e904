package dev.cider.broker.sample.exchange;

import java.time.Clock;
import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Calls that take too long or are cancelled, and clients that ask for too much.
 */
class LimitsTests {

	private static final Limits LIMITS = new Limits(Duration.ofSeconds(30), 2, 2);

	private final FakeTimer timer = new FakeTimer();

	private final Exchange exchange = new Exchange(Clock.systemUTC(), true, LIMITS, this.timer);

	private final FakeClient provider = new FakeClient(this.exchange).provides("f");

	private final FakeClient caller = new FakeClient(this.exchange);

	@Test
	void aCallThatIsNotAnsweredInTimeFailsAndItsProviderIsTold() throws Exception {
		this.caller.asks("1", "f");
		this.provider.heard();
		this.timer.pass(Duration.ofSeconds(29));
		this.caller.asks("2", "f");
		this.provider.heard();
		assertThat(this.caller.heard()).isEmpty();
		this.timer.pass(Duration.ofSeconds(1));
		assertThat(this.caller.heard()).containsExactly(
				FakeClient.errorStart("1", -32004) + "The provider of 'f' did not answer within 30000 ms\"}}");
		assertThat(this.provider.heard()).containsExactly(cancelled("1"));
		this.provider.says(FakeClient.result("1", "\"late\""));
		this.provider.says(FakeClient.result("2", "\"in time\""));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("2", "\"in time\""));
		assertThat(this.timer.armed()).isZero();
		this.timer.pass(Duration.ofSeconds(60));
		assertThat(this.caller.heard()).isEmpty();
		assertThat(this.timer.armed()).isZero();
	}

	@Test
	void aBatchIsAnsweredWhenItsLastCallHasTimedOut() throws Exception {
		this.caller.says(
				"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"f\"},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"echo\"}]");
		this.timer.pass(Duration.ofSeconds(30));
		assertThat(this.caller.heard()).singleElement()
			.asString()
			.startsWith("[" + FakeClient.errorStart("1", ErrorCode.TIMED_OUT))
			.endsWith(FakeClient.result("2", "null") + "]");
	}

	@Test
	void aSmallBatchThatAsksForABigAnswerIsRefusedTheRest() {
		Exchange roomy = new Exchange(Clock.systemUTC(), true);
		FakeClient known = new FakeClient(roomy);
		for (int i = 0; i < 1000; i++) {
			known.provides("m".repeat(120) + i);
		}
		FakeClient greedy = new FakeClient(roomy);
		String call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.methods\"}";
		greedy.says("[" + (call + ",").repeat(999) + call + "]");
		String answer = String.join("", greedy.heard());
		assertThat(answer).hasSizeLessThan(5_000_000)
			.startsWith("[" + FakeClient.result("1", "[\"echo").replace("}", ""))
			.endsWith(FakeClient.errorStart("1", ErrorCode.LIMIT_REACHED)
					+ "The answers to a batch may have 4194304 characters\"}}]");
		assertThat(answer.split("\"id\":1,")).hasSize(1001);
		assertThat(roomy.calls()).isEqualTo(2000);
	}

	@Test
	void aBatchKeepsSoMuchOfLateAnswersAtMost() {
		Exchange roomy = new Exchange(Clock.systemUTC(), true);
		FakeClient wordy = new FakeClient(roomy).provides("f");
		FakeClient greedy = new FakeClient(roomy);
		String call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"f\"}";
		greedy.says("[" + (call + ",").repeat(9) + call + "]");
		for (int i = 1; i <= 10; i++) {
			wordy.says(FakeClient.result(Integer.toString(i), "\"" + "x".repeat(1_000_000) + "\""));
		}
		assertThat(String.join("", greedy.heard())).hasSizeBetween(4_000_000, 4_010_000).contains("-32005");
	}

	@Test
	void theTimeOfTheJvmPassesToo() {
		Exchange real = new Exchange(Clock.systemUTC(), true, new Limits(Duration.ofMillis(20), 2, 2));
		new FakeClient(real).provides("f");
		FakeClient impatient = new FakeClient(real);
		impatient.asks("1", "f");
		Awaitility.await()
			.untilAsserted(() -> assertThat(impatient.heard()).singleElement().asString().contains("-32004"));
	}

	@Test
	void aCallThatIsCancelledFailsAndItsProviderIsTold() {
		this.caller.asks("\"c\"", "f");
		this.provider.heard();
		this.caller.asks("9", "rpc.cancel", "{\"id\":\"c\"}");
		assertThat(this.caller.heard()).containsExactly(
				FakeClient.errorStart("\"c\"", ErrorCode.CANCELLED) + "The call of 'f' was cancelled\"}}",
				FakeClient.result("9", "true"));
		assertThat(this.provider.heard()).containsExactly(cancelled("1"));
		assertThat(this.timer.armed()).isZero();
		this.provider.says(FakeClient.result("1", "1"));
		this.caller.asks("10", "rpc.cancel", "[\"c\"]");
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("10", "false"));
		assertThat(this.provider.heard()).isEmpty();
	}

	@Test
	void nobodyCanCancelTheCallOfAnother() {
		FakeClient thief = new FakeClient(this.exchange);
		this.caller.asks("1", "f");
		thief.asks("9", "rpc.cancel", "[1]");
		this.caller.asks("8", "rpc.cancel", "[\"1\"]");
		assertThat(thief.heard()).containsExactly(FakeClient.result("9", "false"));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("8", "false"));
		this.provider.says(FakeClient.result("1", "1"));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("1", "1"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "{}", "[1,2]", "{\"id\":[1]}", "{\"method\":1}", "[true]" })
	void aCancelNeedsAnId(String params) {
		this.caller.asks("9", "rpc.cancel", params);
		assertThat(this.caller.heard()).singleElement().asString().startsWith(FakeClient.errorStart("9", -32602));
	}

	@Test
	void theProviderOfACallerThatLeavesIsTold() throws Exception {
		this.caller.asks("1", "f");
		this.provider.heard();
		this.caller.leaves();
		assertThat(this.provider.heard()).containsExactly(cancelled("1"));
		assertThat(this.timer.armed()).isZero();
		this.timer.pass(Duration.ofSeconds(30));
		assertThat(this.provider.heard()).isEmpty();
	}

	@Test
	void aClientWaitsForSoManyAnswersAtMost() {
		FakeClient other = new FakeClient(this.exchange);
		this.caller.asks("1", "f");
		this.caller.asks("2", "f");
		this.caller.asks("3", "f");
		other.asks("1", "f");
		assertThat(this.caller.heard()).containsExactly(
				FakeClient.errorStart("3", ErrorCode.LIMIT_REACHED) + "A client may wait for at most 2 answers\"}}");
		assertThat(other.heard()).isEmpty();
		this.provider.says(FakeClient.result("1", "1"));
		this.caller.heard();
		this.caller.asks("4", "f");
		assertThat(this.caller.heard()).isEmpty();
	}

	@Test
	void aClientProvidesSoManyMethodsAtMost() {
		this.provider.provides("g");
		this.provider.asks("1", "rpc.register", "[\"h\"]");
		this.provider.asks("2", "rpc.register", "[\"g\"]");
		this.provider.asks("3", "rpc.unregister", "[\"f\"]");
		assertThat(this.provider.heard()).containsExactly(
				FakeClient.errorStart("1", ErrorCode.LIMIT_REACHED) + "A client may provide at most 2 methods\"}}",
				FakeClient.result("2", "false"), FakeClient.result("3", "true"));
		this.provider.provides("h");
	}

	private static String cancelled(String id) {
		return "{\"jsonrpc\":\"2.0\",\"method\":\"rpc.cancelled\",\"params\":{\"id\":" + id + "}}";
	}

}
