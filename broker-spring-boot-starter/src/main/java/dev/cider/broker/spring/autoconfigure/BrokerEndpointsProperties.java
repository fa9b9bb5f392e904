package dev.cider.broker.spring.autoconfigure;

import java.util.Map;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of single endpoints, for the metadata only. Spring Boot does not bind
 * them: {@link EndpointKeysFinder} looks at each key, to distinguish a variable that a
 * platform has set below {@code broker.endpoints} from a misspelt key.
 *
 * @param endpoints Settings of single endpoints by id, which take precedence over the
 * shared ones.
 */
@ConfigurationProperties("broker")
record BrokerEndpointsProperties(@DefaultValue Map<String, EndpointProperties> endpoints) {
}
