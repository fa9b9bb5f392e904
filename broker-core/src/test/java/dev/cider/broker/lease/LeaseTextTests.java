package dev.cider.broker.lease;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LeaseTextTests {

	private static final String HELD = "broker-lease-1;holder=pod-a~5f;token=7;beat=42;duration=30000;load=3;claim=";

	@Test
	void aTextIsReadAsItWasWritten() {
		LeaseText text = new LeaseText("pod-a~5f", 7, 42, Duration.ofSeconds(30), 3, null);
		assertThat(text.format()).isEqualTo(HELD);
		assertThat(LeaseText.parse(HELD)).isEqualTo(text);
		LeaseText free = new LeaseText(null, 7, 43, Duration.ofSeconds(30), 0, "pod-b~1");
		assertThat(LeaseText.parse(free.format())).isEqualTo(free);
	}

	@Test
	void fieldsOfALaterReleaseAreIgnored() {
		assertThat(LeaseText.parse(HELD + ";since=2026-12-01")).isEqualTo(LeaseText.parse(HELD));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", HELD + "\n", HELD + ";", " " + HELD,
			"broker-lease-1;holder=a b;token=7;beat=1;duration=30000;load=3;claim=",
			"broker-lease-1;token=7;holder=a;beat=1;duration=30000;load=3;claim=",
			"broker-lease-1;holder=a;token=07;beat=1;duration=30000;load=3;claim=",
			"broker-lease-1;holder=a;token=0;beat=1;duration=30000;load=3;claim=",
			"broker-lease-1;holder=a;token=7;beat=1;duration=0;load=3;claim=",
			"broker-lease-1;holder=a;token=-7;beat=1;duration=30000;load=3;claim=" })
	void aDamagedTextIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> LeaseText.parse(text))
			.withMessageStartingWith("Invalid lease text ('")
			.withMessageContaining("delete it once no node has run the endpoint for longer than the duration");
	}

	@Test
	void aTextOfAnotherVersionIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> LeaseText.parse(HELD.replace("-1;", "-2;")))
			.withMessageContaining("run the same release of broker on all nodes");
	}

	@Test
	void aDurationThatIsTooShortIsRefusedWithTheSum() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LeaseSettings("pod-a", Duration.ofSeconds(15), Duration.ofSeconds(5),
					Duration.ofSeconds(3), Duration.ofSeconds(20)))
			.withMessage("Invalid lease duration (PT15S): must be longer than renewEvery PT5S + storeTimeout PT3S + "
					+ "closeTimeout PT20S + PT1S for the interrupt = PT29S");
	}

}
