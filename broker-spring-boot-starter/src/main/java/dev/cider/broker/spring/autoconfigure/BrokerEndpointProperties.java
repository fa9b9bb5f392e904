package dev.cider.broker.spring.autoconfigure;

import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of the actuator endpoint.
 *
 * @param showValues When to show the messages of exceptions, which may contain sensitive
 * data. Over JMX no user is authorized.
 * @param roles Roles that are authorized to see the messages of exceptions; a user needs
 * one of them. When empty, all authenticated users are authorized.
 */
@ConfigurationProperties("management.endpoint.broker")
record BrokerEndpointProperties(@DefaultValue("never") Show showValues, @DefaultValue Set<String> roles) {
}
