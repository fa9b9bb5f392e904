package dev.cider.broker.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.cider.broker.restart.RestartDecision.Drop;
import dev.cider.broker.restart.RestartDecision.Restart;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What would happen when (G16), and that the Javadoc tells the same.
 */
class ForecastTests {

	private static final Path SOURCES = Path.of("src/main/java/dev/cider/broker/restart");

	private static final Duration QUICK = Duration.ofMillis(400);

	private static final RestartPolicy UNLIMITED = RestartPolicy.builder()
		.allowedConsecutiveErrors(RestartPolicy.UNLIMITED)
		.build();

	/** What matches in a source file, without the stars of the comment. */
	private static Stream<String> inJavadoc(String file, String regex) throws IOException {
		String source = Files.readString(SOURCES.resolve(file)).replaceAll("(?m)^\\s*\\* ?", "");
		return Pattern.compile(regex, Pattern.DOTALL)
			.matcher(source)
			.results()
			.map((MatchResult match) -> match.group(1));
	}

	@Test
	void theThirdQuickCrashDropsAndEndsTheForecast() {
		assertThat(RestartPolicy.defaults().forecast(QUICK, 9)).containsExactly(
				new Forecast(1, QUICK,
						new Restart(Duration.ofMillis(200), 1,
								"error 1 of 3 in a row (served 0.4 s, error window 1 s): restart in 200 ms")),
				new Forecast(2, Duration.ofSeconds(1),
						new Restart(Duration.ofMillis(400), 2,
								"error 2 of 3 in a row (served 0.4 s, error window 1 s): restart in 400 ms")),
				new Forecast(3, Duration.ofMillis(1800),
						new Drop(null, 3, "error 3 of 3 in a row (served 0.4 s, error window 1 s): drop")));
	}

	@Test
	void theSequenceInTheJavadocIsTheForecastOfTheDefaultPolicy() throws IOException {
		List<String> shown = inJavadoc("RestartPolicy.java", "<pre>\\s*(crash .*?)</pre>").flatMap(String::lines)
			.toList();
		assertThat(shown)
			.isEqualTo(RestartPolicy.defaults().forecast(QUICK, 9).stream().map(Forecast::toString).toList());
	}

	@Test
	void theTableOfDelaysInTheJavadocIsTheForecastOfTheDefaultBackoff() throws IOException {
		List<String> errors = new ArrayList<>();
		List<String> delays = new ArrayList<>();
		for (Forecast forecast : UNLIMITED.forecast(Duration.ZERO, 99)) {
			Duration delay = ((Restart) forecast.decision()).delay();
			errors.add(String.valueOf(forecast.crash()));
			delays.add(DurationText.of(delay));
			if (delay.equals(UNLIMITED.backoff().maxDelay())) {
				break;
			}
		}
		errors.set(errors.size() - 1, errors.get(errors.size() - 1) + " and more");
		List<String> table = inJavadoc("Backoff.java", "<td>(.*?)</td>").toList();
		assertThat(table).isEqualTo(Stream.concat(errors.stream(), delays.stream()).toList());
	}

	@Test
	void goodRunsGoOnForEverWithTheFirstDelay() {
		assertThat(RestartPolicy.defaults().forecast(Duration.ofSeconds(5), 100)).hasSize(100)
			.allSatisfy((forecast) -> assertThat(forecast.decision()).isInstanceOfSatisfying(Restart.class,
					(restart) -> assertThat(restart.delay()).isEqualTo(Duration.ofMillis(200))))
			.last()
			.satisfies((forecast) -> assertThat(forecast.at())
				.isEqualTo(Duration.ofSeconds(500).plus(Duration.ofMillis(200).multipliedBy(99))));
	}

	@Test
	void aForecastHasNoJitterHoweverMuchThePolicyHas() {
		RestartPolicy shaky = RestartPolicy.builder()
			.backoff(Backoff.builder().jitter(Duration.ofSeconds(20)).build())
			.build();
		assertThat(shaky.forecast(QUICK, 9)).isEqualTo(RestartPolicy.defaults().forecast(QUICK, 9));
	}

	@Test
	void aDropEndsTheForecastEvenIfTheEndpointWouldBeginAnew() {
		RestartPolicy reviving = RestartPolicy.builder().reviveAfter(Duration.ofMinutes(1)).build();
		assertThat(reviving.forecast(QUICK, 9)).hasSize(3)
			.last()
			.satisfies((forecast) -> assertThat(forecast.toString()).endsWith("drop, begin anew in 1 min"));
	}

	@Test
	void timesThatAreTooLongToAddUpDoNotOverflow() {
		Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
		assertThat(RestartPolicy.defaults().forecast(forEver, 3)).hasSize(3)
			.last()
			.satisfies((forecast) -> assertThat(forecast.at()).isGreaterThanOrEqualTo(forEver));
	}

	@Test
	void nothingAskedNothingForecastAndNonsenseIsRefused() {
		assertThat(RestartPolicy.defaults().forecast(QUICK, 0)).isEmpty();
		assertThatIllegalArgumentException().isThrownBy(() -> RestartPolicy.defaults().forecast(QUICK, -1))
			.withMessage("Invalid crashes (-1): must not be negative");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RestartPolicy.defaults().forecast(Duration.ofNanos(-1), 1))
			.withMessage("Invalid servedPerRun (PT-0.000000001S): must not be negative");
	}

}
