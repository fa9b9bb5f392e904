package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows an {@link UnsupportedMethodException} without its stack trace.
 */
final class UnsupportedMethodFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedMethodException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedMethodException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
	}

}
