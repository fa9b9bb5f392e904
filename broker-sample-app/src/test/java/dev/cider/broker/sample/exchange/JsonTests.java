package dev.cider.broker.sample.exchange;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.cider.broker.sample.exchange.Json.Kind;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a value begins and ends. The texts are built from parts, so that the parts are
 * known.
 */
class JsonTests {

	private static final List<String> SCALARS = List.of("0", "-0", "1.10", "1e400", "-1E-7",
			"123456789012345678901234567890", "true", "false", "null", "\"\"", "\"a\"", "\"\\\"\\\\\\u00e9\\n\"",
			"\"\u00e9\ud83d\ude00\"", "\"{[,:]}\"", "\"" + "long".repeat(2_000) + "\"", "9".repeat(5_000));

	private final Random random = new Random();

	@Test
	void everyPartIsFoundWhereItIs() {
		long seed = System.nanoTime();
		System.out.println("Seed of the documents: " + seed);
		this.random.setSeed(seed);
		for (int i = 0; i < 2_000; i++) {
			Map<String, String> parts = new LinkedHashMap<>();
			for (int part = this.random.nextInt(6); part > 0; part--) {
				parts.put("part\ud83d\ude00" + part, value(this.random.nextInt(5)));
			}
			Map<String, Json> members = Json.parse(space() + object(parts) + space()).members();
			assertThat(members.keySet()).as("seed %d", seed).containsExactlyElementsOf(parts.keySet());
			assertThat(texts(members.values())).as("seed %d", seed).isEqualTo(onOneLine(parts.values()));
			List<Json> elements = Json.parse(space() + array(List.copyOf(parts.values())) + space()).elements();
			assertThat(texts(elements)).as("seed %d", seed).isEqualTo(onOneLine(parts.values()));
		}
	}

	@Test
	void everyKindIsKnown() {
		assertThat(Json.parse("[{},[],\"\",1,1.5,true,false,null]").elements()).extracting(Json::kind)
			.containsExactly(Kind.OBJECT, Kind.ARRAY, Kind.STRING, Kind.NUMBER, Kind.NUMBER, Kind.BOOLEAN, Kind.BOOLEAN,
					Kind.NULL);
	}

	@Test
	void stringsAreDecodedAndNothingElseIsAString() {
		assertThat(Json.parse("\"\\u0041\\n\u00e9\"").string()).isEqualTo("A\n\u00e9");
		assertThat(Json.parse("1").string()).isNull();
	}

	private String value(int depth) {
		if (depth == 0) {
			return SCALARS.get(this.random.nextInt(SCALARS.size()));
		}
		List<String> parts = IntStream.range(0, this.random.nextInt(4)).mapToObj((part) -> value(depth - 1)).toList();
		if (this.random.nextBoolean()) {
			return array(parts);
		}
		Map<String, String> members = new LinkedHashMap<>();
		parts.forEach((part) -> members.put("m" + members.size(), part));
		return object(members);
	}

	private String object(Map<String, String> members) {
		return members.entrySet()
			.stream()
			.map((member) -> space() + '"' + member.getKey() + '"' + space() + ':' + space() + member.getValue()
					+ space())
			.collect(Collectors.joining(",", "{", members.isEmpty() ? space() + "}" : "}"));
	}

	private String array(List<String> elements) {
		return elements.stream()
			.map((element) -> space() + element + space())
			.collect(Collectors.joining(",", "[", elements.isEmpty() ? space() + "]" : "]"));
	}

	private String space() {
		return List.of("", "", " ", "\t", "\n", "\r\n").get(this.random.nextInt(6));
	}

	private static List<String> texts(Collection<Json> values) {
		return values.stream().map(Json::text).toList();
	}

	private static List<String> onOneLine(Collection<String> parts) {
		return parts.stream().map((part) -> part.replace('\n', ' ').replace('\r', ' ')).toList();
	}

}
