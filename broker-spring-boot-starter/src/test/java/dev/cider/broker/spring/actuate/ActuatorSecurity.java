package dev.cider.broker.spring.actuate;

import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

@Configuration(proxyBeanMethods = false)
class ActuatorSecurity {

	@Bean
	@Order(1) // before the filter chain of the application itself
	SecurityFilterChain actuator(HttpSecurity http) {
		return http.securityMatcher(EndpointRequest.toAnyEndpoint())
			.authorizeHttpRequests(
					(requests) -> requests.requestMatchers(EndpointRequest.to("broker").withHttpMethod(HttpMethod.POST))
						.hasRole("OPERATOR")
						.requestMatchers(EndpointRequest.to("health"))
						.permitAll()
						.anyRequest()
						.authenticated())
			.csrf((csrf) -> csrf.spa()) // the page sends the token of the cookie
			.httpBasic(Customizer.withDefaults())
			.build();
	}

}
