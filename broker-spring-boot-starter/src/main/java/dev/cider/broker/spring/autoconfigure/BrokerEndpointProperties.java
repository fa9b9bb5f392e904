package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of the actuator endpoint.
 *
 * @param showValues When to show the messages of exceptions, which may contain anything.
 */
@ConfigurationProperties("management.endpoint.broker")
record BrokerEndpointProperties(@DefaultValue("never") Show showValues) {
}
