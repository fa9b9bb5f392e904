package app;

import java.io.IOException;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A command-line job: the JVM ends when its work is done.
 */
class JobTests {

	private static Program start(String... arguments) throws IOException {
		return Program.start(System.getProperty("java.class.path"), Job.class, arguments);
	}

	@Test
	void endsWhenMainHasReturnedAndNothingIsSupervised() throws Exception {
		try (Program job = start()) {
			job.awaitEnd(0);
			assertThat(job.told()).containsExactly("did its work", "main returns");
		}
	}

	@Test
	void endsWhenItsEndpointHasFinished() throws Exception {
		try (Program job = start("--import=finishes")) {
			job.awaitEnd(0);
			assertThat(job.told()).contains("did its work", "main returns", "imported", "closed");
		}
	}

	@Test
	void staysUpForAnEndpointThatServesUntilItIsTold() throws Exception {
		try (Program job = start("--import=serves")) {
			job.awaitOutput("# main returns");
			job.awaitOutput("feed: SERVING");
			job.terminate();
			job.awaitEnd(143);
			assertThat(job.told()).endsWith("closed");
			assertThat(job.output()).contains("feed: STOPPED").doesNotContain("crashed");
		}
	}

	@Test
	void endsWithItsOwnExitCodeWhenItExitsWhileAnEndpointServes() throws Exception {
		try (Program job = start("--import=serves", "--exit=3")) {
			job.awaitEnd(3);
			assertThat(job.told()).contains("did its work", "main exits", "closed");
			assertThat(job.output()).doesNotContain("crashed", "abandoned");
		}
	}

	@SpringBootApplication
	static class Job {

		public static void main(String[] args) {
			ConfigurableApplicationContext context = SpringApplication.run(Job.class, args);
			Integer code = context.getEnvironment().getProperty("exit", Integer.class);
			if (code != null) {
				System.out.println("# main exits");
				System.exit(SpringApplication.exit(context, () -> code));
			}
			System.out.println("# main returns");
		}

		@Bean
		CommandLineRunner work() {
			return (arguments) -> System.out.println("# did its work");
		}

		@Bean
		@Supervised
		@ConditionalOnProperty("import")
		EndpointFactory feed(Environment environment) {
			boolean finishes = "finishes".equals(environment.getProperty("import"));
			return () -> new Import(new Feed(false), finishes);
		}

	}

	private record Import(Feed feed, boolean finishes) implements Endpoint {

		@Override
		public void listenAndServe() throws InterruptedException {
			if (this.finishes) {
				System.out.println("# imported");
				return;
			}
			this.feed.listenAndServe();
		}

		@Override
		public void close() {
			System.out.println("# closed");
			this.feed.close();
		}

	}

}
