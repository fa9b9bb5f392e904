package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows an {@link InvalidBrokerPropertyException} without its stack trace.
 */
final class InvalidBrokerPropertyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidBrokerPropertyException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidBrokerPropertyException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
	}

}
