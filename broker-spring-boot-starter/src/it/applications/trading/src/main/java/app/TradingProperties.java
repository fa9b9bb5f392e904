package app;

import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;

@ConfigurationProperties("trading")
record TradingProperties(int port, List<String> symbols) {

}
