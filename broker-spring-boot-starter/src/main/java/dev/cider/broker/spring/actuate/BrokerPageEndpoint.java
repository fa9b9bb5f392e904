package dev.cider.broker.spring.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.util.MimeType;

/**
 * The actuator endpoint {@code brokerpage}: a page for a browser that shows and operates
 * the endpoints. The page reads and writes the actuator endpoint {@code broker} as its
 * user, so it shows and does nothing that its user may not.
 */
@WebEndpoint(id = "brokerpage", defaultAccess = Access.READ_ONLY)
@ImportRuntimeHints(BrokerPageEndpoint.Hints.class)
public class BrokerPageEndpoint {

	private static final String FOLDER = "page/";

	private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);

	private final String application;

	private final Function<String, @Nullable String> paths;

	private final Access access;

	private final String template;

	/**
	 * A new endpoint.
	 * @param application the name of the application; empty if it has none
	 * @param paths the path of an actuator endpoint with an id, below the base path of
	 * the actuator; {@code null} if there is no such endpoint. Asked at each request
	 * @param access the access to the actuator endpoint {@code broker}
	 */
	public BrokerPageEndpoint(String application, Function<String, @Nullable String> paths, Access access) {
		this.application = application;
		this.paths = paths;
		this.access = access;
		this.template = text(resource("page.html"));
	}

	/**
	 * The page.
	 * @return 200 and the page as HTML
	 */
	@ReadOperation(produces = "text/html")
	public WebEndpointResponse<Resource> page() {
		return new WebEndpointResponse<>(
				new ByteArrayResource(html().getBytes(StandardCharsets.UTF_8), "the page of the broker"),
				WebEndpointResponse.STATUS_OK, HTML);
	}

	/**
	 * The page as text. Its addresses are relative to the address of this endpoint.
	 */
	private String html() {
		String path = path("brokerpage");
		int directory = path.lastIndexOf('/') + 1;
		// The way from there back to the base path of the actuator
		String base = "../".repeat((int) path.chars().filter((character) -> character == '/').count());
		return this.template.replace("{application}", attribute(this.application))
			.replace("{page}", attribute(path.substring(directory)))
			.replace("{broker}", attribute(below(base, path("broker"))))
			.replace("{health}", attribute(below(base, path("health"))))
			.replace("{access}", this.access.name());
	}

	private String path(String id) {
		String path = this.paths.apply(id);
		return (path != null) ? path : "";
	}

	private static String below(String base, String path) {
		return path.isEmpty() ? "" : base + path;
	}

	private static String attribute(String value) {
		return value.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;").replace(">", "&gt;");
	}

	/**
	 * A file of the page.
	 * @param name the name of the file
	 * @return 200 and the file, or 404
	 */
	@ReadOperation(produces = { "text/css", "text/javascript", "image/svg+xml", "text/plain" })
	public WebEndpointResponse<Resource> file(@Selector String name) {
		for (PageFile file : PageFile.values()) {
			if (file.fileName.equals(name)) {
				return new WebEndpointResponse<>(resource(name), WebEndpointResponse.STATUS_OK, file.type);
			}
		}
		return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
	}

	private static Resource resource(String name) {
		return new ClassPathResource(FOLDER + name, BrokerPageEndpoint.class);
	}

	private static String text(Resource resource) {
		try {
			return resource.getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The files of the page besides its HTML.
	 */
	private enum PageFile {

		STYLE("page.css", "text", "css"), SCRIPT("page.js", "text", "javascript"), ICON("icon.svg", "image", "svg+xml"),

		/** The README of the starter. */
		REFERENCE("README.md", "text", "plain");

		private final String fileName;

		private final MimeType type;

		PageFile(String fileName, String type, String subtype) {
			this.fileName = fileName;
			this.type = new MimeType(type, subtype, StandardCharsets.UTF_8);
		}

	}

	/**
	 * Makes a native image keep the files.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.resources()
				.registerPattern(BrokerPageEndpoint.class.getPackageName().replace('.', '/') + "/" + FOLDER + "*");
		}

	}

}
