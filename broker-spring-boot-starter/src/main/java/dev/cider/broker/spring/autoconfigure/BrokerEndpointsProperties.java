package dev.cider.broker.spring.autoconfigure;

import java.util.Map;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of single endpoints and those by name, for the metadata only. Spring
 * Boot does not bind them: {@link EndpointKeysFinder} and {@link NamedConfigs} look at
 * each key, to distinguish a variable that a platform has set below
 * {@code broker.endpoints} or {@code broker.configs} from a misspelt key.
 *
 * @param endpoints Settings of single endpoints by id, which take precedence over the
 * shared ones.
 * @param configs Settings by name, for the endpoints and configs that give this name as
 * their "base-config". The configs "client" and "server" always exist.
 */
@ConfigurationProperties("broker")
record BrokerEndpointsProperties(@DefaultValue Map<String, EndpointProperties> endpoints,
		@DefaultValue Map<String, EndpointProperties> configs) {
}
