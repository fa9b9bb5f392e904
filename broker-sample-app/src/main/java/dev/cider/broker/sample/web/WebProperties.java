package dev.cider.broker.sample.web;

import java.util.Set;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which HTTP requests the sample serves.
 *
 * @param allowedHosts host names and addresses that the Host of a request may have
 * besides those of the loopback interface; without ports
 */
@ConfigurationProperties("sample.web")
record WebProperties(@DefaultValue Set<String> allowedHosts) {
}
