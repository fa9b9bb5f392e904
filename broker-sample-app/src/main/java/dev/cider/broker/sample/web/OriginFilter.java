package dev.cider.broker.sample.web;

import java.io.IOException;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses requests that a page of another origin makes a browser send (CSRF). Requests
 * that only read may pass, because the browser does not show such a page the answer.
 * Clients that are not browsers send no origin, and may pass too.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
class OriginFilter extends OncePerRequestFilter {

	private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		if (READING.contains(request.getMethod()) || isOwn(request)) {
			chain.doFilter(request, response);
		}
		else {
			WebRefusal.send(response, HttpServletResponse.SC_FORBIDDEN, "Only a page of this server may do that");
		}
	}

	private static boolean isOwn(HttpServletRequest request) {
		String origin = request.getHeader(HttpHeaders.ORIGIN);
		String site = request.getHeader("Sec-Fetch-Site");
		return (origin == null || isOwn(origin, request.getHeader(HttpHeaders.HOST)))
				&& (site == null || site.equals("same-origin") || site.equals("none"));
	}

	private static boolean isOwn(String origin, @Nullable String host) {
		return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
	}

}
