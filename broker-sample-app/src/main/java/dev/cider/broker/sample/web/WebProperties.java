package dev.cider.broker.sample.web;

import java.util.Set;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may talk HTTP to the sample.
 *
 * @param allowedHosts names and addresses under which the sample may be asked for,
 * besides those of the loopback interface; without ports
 */
@ConfigurationProperties("sample.web")
record WebProperties(@DefaultValue Set<String> allowedHosts) {
}
