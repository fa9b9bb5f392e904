package dev.cider.broker.spring.autoconfigure;

import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of the actuator endpoint.
 *
 * @param showValues When to show the messages of exceptions, which may contain anything.
 * Over JMX nobody is authorized.
 * @param roles Roles of which a user needs one to be authorized to see the messages of
 * exceptions. When empty, all authenticated users are authorized.
 */
@ConfigurationProperties("management.endpoint.broker")
record BrokerEndpointProperties(@DefaultValue("never") Show showValues, @DefaultValue Set<String> roles) {
}
