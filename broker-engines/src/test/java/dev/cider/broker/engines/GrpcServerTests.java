package dev.cider.broker.engines;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InternalServer;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;

import org.springframework.test.util.TestSocketUtils;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A gRPC server that cannot bind, and one that something shuts down.
 */
class GrpcServerTests {

	private static final MethodDescriptor<String, String> GREET = MethodDescriptor.<String, String>newBuilder()
		.setType(MethodType.UNARY)
		.setFullMethodName("greetings/greet")
		.setRequestMarshaller(new Text())
		.setResponseMarshaller(new Text())
		.build();

	private final int port = TestSocketUtils.findAvailableTcpPort();

	private EngineApplication run() {
		return new EngineApplication("greetings", GreetingServer.class, Map.of("greetings.port", this.port),
				Map.of("service", new Greetings()));
	}

	@Test
	void servesWhenItsPortIsFree() throws Exception {
		ServerSocket other = new ServerSocket(this.port, 1, InetAddress.getByName("0.0.0.0"));
		try (EngineApplication application = run()) {
			application.awaitCrashes(2);
			other.close();
			application.outageEnds();
			EngineApplication.await(() -> "hello world".equals(greet("world")));
			application.tellRecovery("gRPC: another process has the port");
			assertThat(application.lastCrash().message()).startsWith("Failed to bind to address");
		}
		finally {
			other.close();
		}
	}

	@Test
	void comesBackWhenItWasShutDown() throws Exception {
		try (EngineApplication application = run()) {
			application.awaitServing();
			assertThat(greet("world")).isEqualTo("hello world");
			application.outageBegins();
			greet("shutdown");
			application.awaitCrashes(1);
			EngineApplication.await(() -> "hello again".equals(greet("again")));
			application.tellRecovery("gRPC: a call shuts the server down");
			assertThat(application.lastCrash().message()).isEqualTo("the server was shut down");
			assertThat(application.endpoint().incarnation()).isEqualTo(2);
		}
	}

	private String greet(String name) throws InterruptedException {
		ManagedChannel channel = Grpc
			.newChannelBuilderForAddress("localhost", this.port, InsecureChannelCredentials.create())
			.build();
		try {
			return ClientCalls.blockingUnaryCall(channel, GREET,
					CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), name);
		}
		finally {
			channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
		}
	}

	private static final class Greetings implements BindableService {

		@Override
		public ServerServiceDefinition bindService() {
			return ServerServiceDefinition.builder("greetings")
				.addMethod(GREET, ServerCalls.asyncUnaryCall(Greetings::greet))
				.build();
		}

		private static void greet(String name, StreamObserver<String> answer) {
			if (name.equals("shutdown")) {
				InternalServer.SERVER_CONTEXT_KEY.get(Context.current()).shutdown();
			}
			answer.onNext("hello " + name);
			answer.onCompleted();
		}

	}

	/** Instead of classes that protoc generates. */
	private static final class Text implements Marshaller<String> {

		@Override
		public InputStream stream(String text) {
			return new ByteArrayInputStream(text.getBytes(UTF_8));
		}

		@Override
		public String parse(InputStream bytes) {
			try {
				return new String(bytes.readAllBytes(), UTF_8);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
