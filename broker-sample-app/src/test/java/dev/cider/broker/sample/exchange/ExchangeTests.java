package dev.cider.broker.sample.exchange;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What clients get from each other.
 */
class ExchangeTests {

	private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

	private final Exchange exchange = new Exchange(Clock.systemUTC(), true);

	private final FakeClient provider = new FakeClient(this.exchange);

	private final FakeClient caller = new FakeClient(this.exchange);

	@Test
	void aCallGoesToTheProviderAndItsAnswerToTheCaller() {
		this.provider.provides("add");
		this.caller.asks("\"mine\"", "add", "[1,2]");
		assertThat(this.provider.heard()).containsExactly(FakeClient.request("1", "add", "[1,2]"));
		this.provider.says(FakeClient.result("1", "3.0"));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("\"mine\"", "3.0"));
		assertThat(this.provider.heard()).isEmpty();
	}

	@Test
	void aCallWithoutParamsIsPassedOnWithoutThem() {
		this.provider.provides("now");
		this.caller.asks("1", "now");
		assertThat(this.provider.heard()).containsExactly("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"now\"}");
	}

	@Test
	void itShowsWhatCanBeCalledAndHowOftenSomethingWas() {
		long before = this.exchange.calls();
		this.provider.provides("add");
		this.caller.asks("1", "add");
		this.caller
			.says("[{\"jsonrpc\":\"2.0\",\"method\":\"echo\"},{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"none\"}]");
		this.provider.says(FakeClient.result("1", "true"));
		assertThat(this.exchange.calls() - before).as("one to register, three calls, no answer").isEqualTo(4);
		assertThat(this.exchange.methods()).containsExactly("add", "echo", "rpc.cancel", "rpc.methods", "rpc.register",
				"rpc.unregister", "sample.crash", "time");
		this.provider.leaves();
		assertThat(this.exchange.methods()).doesNotContain("add");
	}

	@Test
	void methodsAreRegisteredByNameToo() {
		this.provider.asks("1", "rpc.register", "{\"method\":\"add\"}");
		this.provider.asks("2", "rpc.register", "{\"method\":\"add\"}");
		assertThat(this.provider.heard()).containsExactly(FakeClient.result("1", "true"),
				FakeClient.result("2", "false"));
		this.caller.asks("1", "rpc.methods");
		assertThat(this.caller.heard()).singleElement().asString().contains("[\"add\",\"echo\"");
	}

	@Test
	void twoCallersWithTheSameIdAreNotMixed() {
		FakeClient other = new FakeClient(this.exchange);
		this.provider.provides("f");
		this.caller.asks("1", "f", "[\"a\"]");
		other.asks("1", "f", "[\"b\"]");
		other.asks("\"1\"", "f", "[\"c\"]");
		this.provider.says(FakeClient.result("3", "\"c\""));
		this.provider.says(FakeClient.result("2", "\"b\""));
		this.provider.says(FakeClient.result("1", "\"a\""));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("1", "\"a\""));
		assertThat(other.heard()).containsExactly(FakeClient.result("\"1\"", "\"c\""), FakeClient.result("1", "\"b\""));
	}

	@Test
	void providersOfOneMethodTakeTurns() {
		FakeClient second = new FakeClient(this.exchange);
		FakeClient third = new FakeClient(this.exchange);
		List<FakeClient> providers = List.of(this.provider, second, third);
		providers.forEach((each) -> each.provides("f"));
		for (int i = 0; i < 9; i++) {
			this.caller.asks("" + i, "f");
			assertThat(providers.get(i % 3).heard()).hasSize(1);
		}
		second.leaves();
		for (int i = 0; i < 4; i++) {
			this.caller.asks("" + i, "f");
		}
		assertThat(this.provider.heard()).hasSize(2);
		assertThat(third.heard()).hasSize(2);
	}

	@Test
	void aProviderThatUnregistersGetsNoMoreCallsButMayAnswerOldOnes() {
		this.provider.provides("f");
		this.caller.asks("1", "f");
		this.provider.heard();
		this.provider.asks("1", "rpc.unregister", "[\"f\"]");
		this.provider.asks("2", "rpc.unregister", "{\"method\":\"f\"}");
		assertThat(this.provider.heard()).containsExactly(FakeClient.result("1", "true"),
				FakeClient.result("2", "false"));
		this.caller.asks("2", "f");
		assertError(this.caller, "2", ErrorCode.METHOD_NOT_FOUND);
		this.provider.says(FakeClient.result("1", "1"));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("1", "1"));
	}

	@Test
	void aProviderThatLeavesFailsItsCallsAtOnceAndItsMethodsAreGone() {
		this.provider.provides("f");
		this.caller.asks("1", "f");
		this.provider.leaves();
		assertError(this.caller, "1", ErrorCode.PROVIDER_GONE);
		this.caller.asks("2", "f");
		assertError(this.caller, "2", ErrorCode.METHOD_NOT_FOUND);
		this.provider.says(FakeClient.result("1", "1"));
		assertThat(this.caller.heard()).isEmpty();
	}

	@Test
	void aCallerThatLeavesIsForgotten() {
		this.provider.provides("f");
		this.caller.asks("1", "f");
		this.caller.leaves();
		this.caller.leaves();
		this.provider.heard();
		this.provider.says(FakeClient.result("1", "1"));
		assertThat(this.caller.heard()).isEmpty();
		assertThat(this.provider.heard()).isEmpty();
		assertThat(this.exchange.clients()).isEqualTo(1);
	}

	@Test
	void anErrorOfTheProviderReachesTheCallerAsItIs() {
		this.provider.provides("f");
		this.caller.asks("1", "f");
		String error = "{\"code\":5,\"message\":\"no\",\"data\":[1.10]}";
		this.provider.says("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":" + error + "}");
		assertThat(this.caller.heard()).containsExactly("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":" + error + "}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"id\":1,\"result\":1}",
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":null}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"no\"}",
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1.5,\"message\":\"\"}}" })
	void anAnswerThatIsNoneFailsTheCall(String answer) {
		this.provider.provides("f");
		this.caller.asks("\"x\"", "f");
		this.provider.heard();
		this.provider.says(answer);
		assertError(this.caller, "\"x\"", ErrorCode.BAD_REPLY);
		assertThat(this.provider.heard()).isEmpty();
	}

	@Test
	void onlyTheProviderThatWasAskedCanAnswer() {
		FakeClient thief = new FakeClient(this.exchange);
		this.provider.provides("f");
		thief.provides("f");
		this.caller.asks("1", "f");
		thief.says(FakeClient.result("1", "\"stolen\""));
		this.caller.says(FakeClient.result("1", "\"forged\""));
		this.provider.says(FakeClient.result("\"1\"", "\"another id\""));
		assertThat(this.caller.heard()).isEmpty();
		this.provider.says(FakeClient.result("1", "\"right\""));
		this.provider.says(FakeClient.result("1", "\"twice\""));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("1", "\"right\""));
	}

	@Test
	void aNotificationIsPassedOnWithoutId() {
		this.provider.provides("f");
		this.caller.says("{\"jsonrpc\":\"2.0\",\"method\":\"f\",\"params\":{\"a\":1}}");
		assertThat(this.provider.heard())
			.containsExactly("{\"jsonrpc\":\"2.0\",\"method\":\"f\",\"params\":{\"a\":1}}");
	}

	@Test
	void aClientMayCallItself() {
		this.provider.provides("f");
		this.provider.asks("\"me\"", "f");
		assertThat(this.provider.heard()).hasSize(1);
		this.provider.says(FakeClient.result("1", "1"));
		assertThat(this.provider.heard()).containsExactly(FakeClient.result("\"me\"", "1"));
	}

	@Test
	void aBatchWaitsForItsLastAnswer() {
		this.provider.provides("f");
		this.caller.says("""
				[{"jsonrpc":"2.0","id":1,"method":"f"},{"jsonrpc":"2.0","id":2,"method":"echo"},
				{"jsonrpc":"2.0","id":3,"method":"f"}]""");
		this.provider.says('[' + FakeClient.result("2", "\"b\"") + ']');
		assertThat(this.caller.heard()).isEmpty();
		this.provider.says(FakeClient.result("1", "\"a\""));
		assertThat(this.caller.heard()).containsExactly("[" + FakeClient.result("1", "\"a\"") + ","
				+ FakeClient.result("2", "null") + "," + FakeClient.result("3", "\"b\"") + "]");
	}

	@Test
	void theAnswerToRegisterComesBeforeTheFirstCall() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(2);
		try {
			for (int i = 0; i < 500; i++) {
				FakeClient fresh = new FakeClient(this.exchange);
				String register = FakeClient.request("0", "rpc.register", "[\"g" + i + "\"]");
				String call = FakeClient.request("0", "g" + i, "[]");
				CountDownLatch start = new CountDownLatch(2);
				List<Future<?>> both = new ArrayList<>();
				both.add(threads.submit(() -> together(start, fresh, register)));
				both.add(threads.submit(() -> together(start, this.caller, call)));
				for (Future<?> each : both) {
					each.get(2, TimeUnit.MINUTES);
				}
				// The other thread may be the one that still sends
				assertThat(fresh.heard()).first().isEqualTo(FakeClient.result("0", "true"));
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void aProviderMayAnswerWhileItIsBeingSentTheCall() {
		this.provider.provides("f");
		this.provider.answers = (frame) -> {
			Matcher id = ID.matcher(frame);
			return id.find() ? FakeClient.result(id.group(1), "\"quick\"") : null;
		};
		this.caller.asks("1", "f");
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("1", "\"quick\""));
	}

	@Test
	void aClientThatEndsItsInputGetsItsAnswersBeforeItIsClosed() {
		this.provider.provides("f");
		this.caller.provides("own");
		this.caller.asks("1", "f");
		this.provider.asks("\"p\"", "own");
		this.provider.heard();
		this.caller.endsInput();
		assertError(this.provider, "\"p\"", ErrorCode.PROVIDER_GONE);
		assertThat(this.caller.heard()).hasSize(1);
		assertThat(this.caller.closed).isFalse();
		this.provider.says(FakeClient.result("1", "1"));
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("1", "1"));
		assertThat(this.caller.closed).isTrue();
	}

	@Test
	void aClientThatEndsItsInputAndWaitsForNothingIsClosedAtOnce() {
		this.caller.endsInput();
		assertThat(this.caller.closed).isTrue();
	}

	@Test
	void aLinkThatBreaksHarmsNobodyElse() {
		this.provider.provides("f");
		this.provider.answers = (frame) -> {
			throw new IllegalStateException("broken link");
		};
		this.caller.asks("1", "f");
		this.caller.asks("2", "echo");
		assertThat(this.caller.heard()).containsExactly(FakeClient.result("2", "null"));
	}

	@Test
	void noLockIsHeldWhileALinkSends() throws Exception {
		CountDownLatch sending = new CountDownLatch(1);
		CountDownLatch mayGoOn = new CountDownLatch(1);
		FakeClient slow = new FakeClient(this.exchange);
		slow.answers = (frame) -> {
			sending.countDown();
			await(mayGoOn);
			return null;
		};
		Thread thread = new Thread(() -> slow.asks("1", "echo"));
		thread.start();
		try {
			await(sending);
			this.caller.asks("1", "echo");
			slow.asks("2", "echo");
			assertThat(this.caller.heard()).hasSize(1);
			assertThat(slow.heard()).hasSize(1);
		}
		finally {
			mayGoOn.countDown();
			thread.join(120_000);
		}
		assertThat(slow.heard()).containsExactly(FakeClient.result("2", "null"));
	}

	@Test
	void manyCallersAndProvidersThatComeAndGoLoseNoAnswer() throws Exception {
		int callers = 4;
		int calls = 2_000;
		for (int i = 0; i < 3; i++) {
			FakeClient each = new FakeClient(this.exchange).provides("f");
			each.answers = (frame) -> {
				Matcher id = ID.matcher(frame);
				return id.find() ? FakeClient.result(id.group(1), "1") : null;
			};
		}
		ExecutorService threads = Executors.newFixedThreadPool(callers + 1);
		try {
			List<FakeClient> clients = new ArrayList<>();
			List<Future<?>> all = new ArrayList<>();
			for (int i = 0; i < callers; i++) {
				FakeClient each = new FakeClient(this.exchange);
				clients.add(each);
				all.add(threads.submit(() -> {
					for (int call = 0; call < calls; call++) {
						each.asks("" + call, "f");
					}
				}));
			}
			all.add(threads.submit(() -> {
				for (int i = 0; i < calls; i++) {
					new FakeClient(this.exchange).provides("f").leaves();
				}
			}));
			for (Future<?> each : all) {
				each.get(2, TimeUnit.MINUTES);
			}
			for (FakeClient each : clients) {
				assertThat(each.heard()).hasSize(calls).doesNotHaveDuplicates();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static void assertError(FakeClient client, String id, int code) {
		assertThat(client.heard()).singleElement().asString().startsWith(FakeClient.errorStart(id, code));
	}

	private static void together(CountDownLatch start, FakeClient client, String frame) {
		start.countDown();
		await(start);
		client.says(frame);
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
