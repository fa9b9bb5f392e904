package dev.cider.broker.sample.exchange;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * A well-formed JSON value, kept as its original text. The exchange does not convert what
 * it only passes on: every number keeps its digits, and every string its escapes.
 *
 * @param kind the kind of value
 * @param text the text, without line breaks
 */
record Json(Kind kind, String text) {

	static final Json NULL = new Json(Kind.NULL, "null");

	static final int MAX_DEPTH = 256;

	/**
	 * Names are not canonicalized, or clients could fill a table that all parsers share.
	 * Numbers may have any length, because no number is ever converted.
	 */
	private static final JsonFactory FACTORY = JsonFactory.builder()
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
		.streamReadConstraints(
				StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxNumberLength(Integer.MAX_VALUE).build())
		.build();

	enum Kind {

		OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL

	}

	/**
	 * Checks a whole document.
	 * @param document the text
	 * @return the value
	 * @throws JacksonException if it is not exactly one well-formed value
	 */
	static Json parse(String document) {
		try (JsonParser parser = parser(document)) {
			JsonToken token = parser.nextToken();
			if (token == null) {
				throw new NoValueException(parser);
			}
			Json value = value(parser, token, document);
			if (parser.nextToken() != null) {
				throw new NoValueException(parser);
			}
			return value;
		}
	}

	/**
	 * The members of an object, in their order.
	 * @return the members by name; empty if this is no object
	 */
	Map<String, Json> members() {
		Map<String, Json> members = new LinkedHashMap<>();
		if (this.kind == Kind.OBJECT) {
			try (JsonParser parser = parser(this.text)) {
				parser.nextToken();
				for (String name = parser.nextName(); name != null; name = parser.nextName()) {
					members.put(name, value(parser, parser.nextToken(), this.text));
				}
			}
		}
		return members;
	}

	/**
	 * The elements of an array.
	 * @return the elements in their order; empty if this is no array
	 */
	List<Json> elements() {
		List<Json> elements = new ArrayList<>();
		if (this.kind == Kind.ARRAY) {
			try (JsonParser parser = parser(this.text)) {
				parser.nextToken();
				for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
					elements.add(value(parser, token, this.text));
				}
			}
		}
		return elements;
	}

	/**
	 * The value of a string.
	 * @return the decoded string, {@code null} if this is no string
	 */
	@Nullable String string() {
		if (this.kind != Kind.STRING) {
			return null;
		}
		if (this.text.indexOf('\\') < 0) {
			return this.text.substring(1, this.text.length() - 1);
		}
		try (JsonParser parser = parser(this.text)) {
			parser.nextToken();
			return parser.getString();
		}
	}

	/**
	 * Whether this is a number without fraction and exponent.
	 * @return {@code true} if so
	 */
	boolean isInteger() {
		return this.kind == Kind.NUMBER
				&& this.text.chars().allMatch((digit) -> digit == '-' || (digit >= '0' && digit <= '9'));
	}

	private static JsonParser parser(String document) {
		// From one array: then the parser's offsets are offsets into the text
		char[] chars = document.toCharArray();
		return FACTORY.createParser(ObjectReadContext.empty(), chars, 0, chars.length);
	}

	private static Json value(JsonParser parser, JsonToken token, String document) {
		int start = (int) parser.currentTokenLocation().getCharOffset();
		parser.skipChildren();
		parser.finishToken();
		int end = (int) parser.currentLocation().getCharOffset();
		String text = document.substring(start, end);
		// Well-formed JSON has line breaks only between tokens. A transport that ends its
		// frames with line breaks must not get them.
		return new Json(kind(token), text.replace('\n', ' ').replace('\r', ' '));
	}

	private static Kind kind(JsonToken token) {
		return switch (token) {
			case START_OBJECT -> Kind.OBJECT;
			case START_ARRAY -> Kind.ARRAY;
			case VALUE_STRING -> Kind.STRING;
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Kind.NUMBER;
			case VALUE_TRUE, VALUE_FALSE -> Kind.BOOLEAN;
			case VALUE_NULL -> Kind.NULL;
			default -> throw new IllegalStateException("No value starts with " + token);
		};
	}

	/**
	 * A document has no value, or more than one.
	 */
	private static final class NoValueException extends JacksonException {

		private static final long serialVersionUID = 1L;

		NoValueException(JsonParser parser) {
			super("expected exactly one value", parser.currentLocation(), null);
		}

	}

}
