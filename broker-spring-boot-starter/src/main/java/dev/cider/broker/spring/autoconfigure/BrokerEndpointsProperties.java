package dev.cider.broker.spring.autoconfigure;

import java.util.Map;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of single endpoints, for the metadata. Nobody binds them as a whole:
 * {@link EndpointKeysFinder} looks at each key, so that what somebody else has put below
 * {@code broker.endpoints} is told from what is misspelt.
 *
 * @param endpoints Settings of single endpoints by id, which take precedence over the
 * shared ones.
 */
@ConfigurationProperties("broker")
record BrokerEndpointsProperties(@DefaultValue Map<String, EndpointProperties> endpoints) {
}
