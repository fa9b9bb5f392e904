package dev.cider.broker;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What happens to the children of an OTP supervisor, and OTP's own answer to it: which of
 * them are stopped and started, in which order.
 *
 * @param strategy the supervisor's
 * @param drops whether the first crash is one too many
 * @param members the names of the children, each with its type
 * @param actions what happens, as {@code crash:b}
 */
record OtpStory(GroupStrategy strategy, boolean drops, Map<String, Type> members, List<String> actions) {

	/** Long enough for the slowest machine. */
	private static final long SECONDS = 300;

	static OtpStory of(GroupStrategy strategy, int members, Type type, String... actions) {
		return new OtpStory(strategy, false, named(members, type), List.of(actions));
	}

	static Map<String, Type> named(int members, Type type) {
		Map<String, Type> named = new LinkedHashMap<>();
		IntStream.range(0, members).forEach((i) -> named.put(String.valueOf((char) ('a' + i)), type));
		return named;
	}

	EndpointGroup group() {
		return new EndpointGroup("trade", this.strategy, List.copyOf(this.members.keySet()));
	}

	/**
	 * Lets OTP play stories, all in one process.
	 * @return for each story what happened at the start and at each action
	 */
	static List<List<String>> playedByOtp(List<OtpStory> stories) throws IOException, InterruptedException {
		Assumptions.assumeTrue(isInstalled(),
				"No 'escript' on the PATH: what groups do is not compared with OTP. Debian has it in erlang-base");
		Path input = Files.createTempFile("stories", ".txt");
		Path output = Files.createTempFile("answers", ".txt");
		try {
			Files.write(input, IntStream.range(0, stories.size()).mapToObj((i) -> stories.get(i).line(i)).toList());
			Process otp = new ProcessBuilder("escript", script().toString()).redirectInput(input.toFile())
				.redirectOutput(output.toFile())
				.redirectErrorStream(true)
				.start();
			try {
				assertThat(otp.waitFor(SECONDS, TimeUnit.SECONDS)).as("OTP answers in time").isTrue();
			}
			finally {
				otp.destroyForcibly();
			}
			List<String> answers = Files.readAllLines(output);
			assertThat(answers).hasSameSizeAs(stories);
			return IntStream.range(0, answers.size()).mapToObj((i) -> parsed(i, answers.get(i))).toList();
		}
		finally {
			Files.delete(input);
			Files.delete(output);
		}
	}

	private static boolean isInstalled() {
		String path = System.getenv().getOrDefault("PATH", "");
		return Stream.of(path.split(":")).anyMatch((folder) -> Files.isExecutable(Path.of(folder, "escript")));
	}

	private static Path script() {
		try {
			return Path.of(Objects.requireNonNull(OtpStory.class.getResource("/otp_groups.escript")).toURI());
		}
		catch (URISyntaxException impossible) {
			throw new IllegalStateException(impossible);
		}
	}

	private String line(int number) {
		String children = this.members.entrySet()
			.stream()
			.map((member) -> member.getKey() + ":" + member.getValue().name().toLowerCase(Locale.ROOT))
			.collect(Collectors.joining(","));
		return number + " " + this.strategy.name().toLowerCase(Locale.ROOT) + " " + (this.drops ? "0" : "100000") + " "
				+ children + " " + String.join(" ", this.actions);
	}

	private static List<String> parsed(int number, String answer) {
		List<String> parts = new ArrayList<>(List.of(answer.split("\\|", -1)));
		assertThat(parts.remove(0)).as("OTP's answers: %s", answer).isEqualTo(String.valueOf(number));
		return parts.stream().map((part) -> part.replace(",", ", ")).toList();
	}

	/** When OTP starts a child again that has ended by itself. */
	enum Type {

		/** Always. */
		PERMANENT,

		/** If it crashed. */
		TRANSIENT

	}

}
