package dev.cider.broker.sample.web;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

import dev.cider.broker.sample.SampleApplication;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

/**
 * The sample on ports of its own.
 */
final class Sample implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private Sample(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static Sample start(int httpPort, String... more) {
		List<String> arguments = new ArrayList<>(List.of("--server.port=" + httpPort,
				"--sample.tcp.port=" + TestSocketUtils.findAvailableTcpPort(), "--sample.websocket.port=0",
				"--sample.zeromq.port=0", "--sample.market.port=" + TestSocketUtils.findAvailableTcpPort(),
				"--sample.market.session=1d"));
		arguments.addAll(List.of(more));
		return new Sample(new SpringApplication(SampleApplication.class).run(arguments.toArray(String[]::new)));
	}

	int port() {
		return this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	URI page() {
		return URI.create("http://127.0.0.1:" + port() + "/");
	}

	@Override
	public void close() {
		this.context.close();
	}

}
