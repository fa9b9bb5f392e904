package dev.cider.broker.sample.web;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses requests whose Host is not a name of this server: an attacker can make the name
 * of its own host resolve to the loopback address (DNS rebinding). For the browser, the
 * attacker's page and this server then have the same origin; only the Host differs.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class HostFilter extends OncePerRequestFilter {

	private static final int MISDIRECTED_REQUEST = 421;

	private static final Pattern LOOPBACK = Pattern
		.compile("localhost|.+\\.localhost|127(\\.\\d{1,3}){3}|\\[?(::1|(0{1,4}:){7}0{0,3}1)]?");

	private final Set<String> allowed;

	HostFilter(WebProperties properties) {
		this.allowed = properties.allowedHosts().stream().map(HostFilter::normal).collect(Collectors.toSet());
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String host = normal(request.getServerName());
		if (LOOPBACK.matcher(host).matches() || this.allowed.contains(host)) {
			chain.doFilter(request, response);
		}
		else {
			WebRefusal.send(response, MISDIRECTED_REQUEST,
					"This host is not served here; sample.web.allowed-hosts would have to name it");
		}
	}

	private static String normal(String host) {
		String lower = host.strip().toLowerCase(Locale.ROOT);
		return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
	}

}
