package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows the code to write instead of a supervised endpoint that is not a prototype.
 */
final class NotRestartableEndpointFailureAnalyzer extends AbstractFailureAnalyzer<NotRestartableEndpointException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, NotRestartableEndpointException cause) {
		String action = """
				Supervise a factory that creates the instances:

				    @Bean @Supervised
				    EndpointFactory %1$s() {
				        return () -> new %2$s();
				    }

				or give the bean the scope "prototype":

				    @Bean @Supervised @Scope("prototype")
				    %2$s %1$s() {
				        return new %2$s();
				    }""".formatted(cause.id(), cause.type());
		return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
	}

}
