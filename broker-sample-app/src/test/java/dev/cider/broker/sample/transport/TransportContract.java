package dev.cider.broker.sample.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.cider.broker.Endpoint;
import dev.cider.broker.sample.FakeContext;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is the same over every transport.
 */
@Timeout(300)
abstract class TransportContract {

	private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

	private final Transport transport;

	private Network network;

	private Peer peer;

	TransportContract(Transport transport) {
		this.transport = transport;
	}

	@BeforeEach
	void connect() throws Exception {
		this.network = new Network();
		this.peer = this.network.connect(this.transport);
	}

	@AfterEach
	void disconnect() throws Exception {
		this.peer.close();
		this.network.close();
		assertThat(this.network.exchange().clients()).isZero();
	}

	@Test
	void aFrameIsAnsweredWithAFrame() throws Exception {
		this.peer.ask("1", "echo", "[\"h\u00e9\ud83d\ude00\"]");
		assertThat(this.peer.receive())
			.isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"h\u00e9\ud83d\ude00\"]}");
	}

	@Test
	void manyFramesAreAnsweredInOrder() throws Exception {
		for (int i = 0; i < 1000; i++) {
			this.peer.ask("" + i, "echo", "[]");
		}
		for (int i = 0; i < 1000; i++) {
			assertThat(this.peer.receive()).isEqualTo(result("" + i, "[]"));
		}
	}

	@Test
	void whatIsRegisteredHereCanBeCalledOverEveryTransportUntilItIsUnregistered() throws Exception {
		try (Peer provider = this.network.provider(this.transport, "add")) {
			for (Transport each : Transport.values()) {
				try (Peer caller = this.network.connect(each)) {
					caller.ask("\"c\"", "add", "[1,2]");
					provider.answer(call(provider, "add"), "3");
					assertThat(caller.receive()).isEqualTo(result("\"c\"", "3"));
				}
			}
			provider.ask("1", "rpc.unregister", "[\"add\"]");
			assertThat(provider.receive()).isEqualTo(result("1", "true"));
			this.peer.ask("2", "add", "[1,2]");
			assertError(this.peer.receive(), "2", -32601);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aProviderThatDisconnectsFailsItsCallsAtOnceAndItsMethodsGo(boolean quietly) throws Exception {
		Peer provider = this.network.provider(this.transport, "f");
		Map<Transport, Peer> callers = new EnumMap<>(Transport.class);
		for (Transport each : Transport.values()) {
			Peer caller = this.network.connect(each);
			callers.put(each, caller);
			caller.ask("1", "f", "[]");
			call(provider, "f");
		}
		leave(provider, quietly);
		for (Peer caller : callers.values()) {
			assertThat(caller.receive()).startsWith("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,")
				.contains("disconnected");
			caller.ask("2", "f", "[]");
			assertError(caller.receive(), "2", -32601);
			caller.close();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aCallerThatDisconnectsIsForgotten(boolean quietly) throws Exception {
		Peer caller = this.network.connect(this.transport);
		try (Peer provider = this.network.provider(other(), "f")) {
			caller.ask("1", "f", "[]");
			String id = call(provider, "f");
			assertThat(this.network.exchange().clients()).isEqualTo(3);
			leave(caller, quietly);
			if (quietly) {
				Awaitility.await().until(() -> this.network.exchange().clients() == 2);
				assertThat(provider.receive()).contains("\"rpc.cancelled\"");
			}
			// Who says goodbye over TCP may still want the answer
			provider.answer(id, "1");
			Awaitility.await().until(() -> this.network.exchange().clients() == 2);
			assertThat(provider.isOnline()).isTrue();
		}
	}

	@Test
	void aBatchIsAnsweredInOneFrame() throws Exception {
		try (Peer provider = this.network.provider(other(), "f")) {
			this.peer.send("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"f\"},{\"jsonrpc\":\"2.0\",\"method\":\"echo\"},"
					+ "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"echo\"}]");
			provider.answer(call(provider, "f"), "1");
			assertThat(this.peer.receive()).isEqualTo("[" + result("1", "1") + "," + result("2", "null") + "]");
		}
	}

	@Test
	void aNotificationIsPassedOnAndNeverAnswered() throws Exception {
		try (Peer provider = this.network.provider(other(), "f")) {
			this.peer.tell("f", "[7]");
			assertThat(provider.receive()).isEqualTo("{\"jsonrpc\":\"2.0\",\"method\":\"f\",\"params\":[7]}");
			this.peer.tell("nobody's", "[]");
			assertThat(this.peer.isOnline()).isTrue();
		}
	}

	@Test
	void twoCallersWithTheSameIdAtOnceAreNotMixed() throws Exception {
		try (Peer provider = this.network.provider(other(), "f"); Peer second = this.network.connect(this.transport)) {
			this.peer.ask("1", "f", "[\"a\"]");
			String first = call(provider, "f");
			second.ask("1", "f", "[\"b\"]");
			provider.answer(call(provider, "f"), "\"b\"");
			provider.answer(first, "\"a\"");
			assertThat(this.peer.receive()).isEqualTo(result("1", "\"a\""));
			assertThat(second.receive()).isEqualTo(result("1", "\"b\""));
		}
	}

	@Test
	void aFrameOfFullLengthIsServedAndALongerOneHarmsNobody() throws Exception {
		String frame = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\"\"]}";
		String padding = "x".repeat(Transport.MAX_FRAME - frame.length());
		this.peer.send(frame.replace("\"\"", "\"" + padding + "\""));
		assertThat(this.peer.receive()).isEqualTo(result("1", "[\"" + padding + "\"]"));
		try (Peer offender = this.network.connect(this.transport)) {
			offender.send(frame.replace("\"\"", "\"x" + padding + "\""));
			String answer = offender.receive();
			if (answer != null) {
				assertError(answer, "null", -32700);
				assertThat(answer).contains("over the limit of " + Transport.MAX_FRAME + " bytes");
				assertThat(offender.isOnline()).isTrue();
			}
		}
		assertThat(this.peer.isOnline()).isTrue();
	}

	@Test
	void aCrashIsThisTransportsAlone() throws Exception {
		Map<Transport, Peer> bystanders = new EnumMap<>(Transport.class);
		for (Transport each : others()) {
			bystanders.put(each, this.network.provider(each, "f" + each));
		}
		this.peer.ask("1", "sample.crash", "[]");
		this.network.awaitServing(this.transport, 2);
		assertThat(this.network.state(this.transport).crashes()).isEqualTo(1);
		try (Peer next = this.network.connect(this.transport)) {
			for (Transport each : others()) {
				assertThat(this.network.state(each).incarnation()).isEqualTo(1);
				next.ask("2", "f" + each, "[]");
				Peer bystander = bystanders.get(each);
				bystander.answer(call(bystander, "f" + each), "1");
				assertThat(next.receive()).isEqualTo(result("2", "1"));
				bystander.close();
			}
		}
	}

	@Test
	void aPortThatIsTakenMakesListenAndServeThrowAndNamesTheAddress() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			FakeContext context = new FakeContext(this.transport.id());
			Endpoint endpoint = this.transport
				.create(context, this.network.exchange(), (InetSocketAddress) taken.getLocalSocketAddress())
				.endpoint();
			assertThatException().isThrownBy(endpoint::listenAndServe)
				.isInstanceOf(IOException.class)
				.withMessageStartingWith("Cannot listen on " + taken.getLocalSocketAddress() + ": ");
			endpoint.close();
			assertThat(context.readiness().getCount()).isEqualTo(1);
		}
	}

	@Test
	void aRestartGetsThePortAtOnce() throws Exception {
		for (int incarnation = 2; incarnation <= 10; incarnation++) {
			this.network.broker().restart(this.transport.id());
			this.network.awaitServing(this.transport, incarnation);
			try (Peer next = this.network.connect(this.transport)) {
				assertThat(next.isOnline()).isTrue();
				assertThat(this.network.state(this.transport).crashes()).isZero();
			}
		}
	}

	@Test
	void aCloseBeforeListenAndServeStartsNothing() throws Exception {
		FakeContext context = new FakeContext(this.transport.id());
		Transport.Instance instance = this.transport.create(context, this.network.exchange(),
				new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
		instance.endpoint().close();
		instance.endpoint().listenAndServe();
		assertThat(instance.listening()).isNotDone();
	}

	private Set<Transport> others() {
		return EnumSet.complementOf(EnumSet.of(this.transport));
	}

	private Transport other() {
		return others().iterator().next();
	}

	/**
	 * Takes a call from a provider's connection.
	 * @return the id to answer with
	 */
	private static String call(Peer provider, String method) throws Exception {
		String frame = provider.receive();
		assertThat(frame).contains("\"method\":\"" + method + "\"");
		Matcher id = ID.matcher(frame);
		assertThat(id.find()).isTrue();
		return id.group(1);
	}

	private static void leave(Peer peer, boolean quietly) throws Exception {
		if (quietly) {
			peer.vanish();
		}
		else {
			peer.close();
		}
	}

	private static String result(String id, String result) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}";
	}

	private static void assertError(@Nullable String answer, String id, int code) {
		assertThat(answer).startsWith("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",");
	}

}
