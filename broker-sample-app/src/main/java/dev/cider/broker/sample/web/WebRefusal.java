package dev.cider.broker.sample.web;

import java.io.IOException;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;

/**
 * The answer to a request that is refused.
 *
 * @param error the reason
 */
record WebRefusal(String error) {

	/**
	 * Answers a request that a filter refuses.
	 * @param reason constant text, without quotes
	 */
	static void send(HttpServletResponse response, int status, String reason) throws IOException {
		response.setStatus(status);
		response.setContentType(MediaType.APPLICATION_JSON_VALUE);
		response.getWriter().write("{\"error\":\"" + reason + "\"}");
	}

}
