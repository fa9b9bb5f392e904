package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows the code to write instead of a supervised bean that is neither an endpoint nor a
 * factory.
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

				The declared return type of a @Bean method counts, not the type of the object.

				If a method of the bean runs the loop, move @Supervised to that method:

				    @Supervised
				    public void serve() throws Exception {
				        while (!Thread.interrupted()) {
				            // serve
				        }
				    }""".formatted(cause.id());
		return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
	}

}
