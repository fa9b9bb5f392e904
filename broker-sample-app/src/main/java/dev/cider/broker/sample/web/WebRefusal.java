package dev.cider.broker.sample.web;

import java.io.IOException;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;

/**
 * Why something was not done, in words for who asked for it.
 *
 * @param error the reason
 */
record WebRefusal(String error) {

	/**
	 * Ends a request that gets no further than a filter.
	 * @param reason constant text, without quotes
	 */
	static void send(HttpServletResponse response, int status, String reason) throws IOException {
		response.setStatus(status);
		response.setContentType(MediaType.APPLICATION_JSON_VALUE);
		response.getWriter().write("{\"error\":\"" + reason + "\"}");
	}

}
