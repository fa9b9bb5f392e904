package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows how to declare a supervised method.
 */
final class UnsupportedMethodFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedMethodException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedMethodException cause) {
		String action = """
				Declare the method like this, and let it return when its thread is interrupted:

				    @Supervised
				    public void %s() throws Exception {
				        while (!Thread.interrupted()) {
				            // serve
				        }
				    }

				If it is to make an endpoint instead, add @Bean and return an EndpointFactory."""
			.formatted(cause.name());
		return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
	}

}
