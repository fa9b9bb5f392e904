package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to write instead of a supervised bean of another type.
 */
final class UnsupportedBeanFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedBeanException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedBeanException cause) {
		String action = """
				Remove @Supervised from the bean, or supervise a factory:

				    @Bean @Supervised
				    EndpointFactory %s() {
				        return () -> new MyEndpoint();
				    }

				What counts is the type that a @Bean method declares to return.""".formatted(cause.id());
		return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
	}

}
