package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Suggests another name for a supervised bean.
 */
final class UnaddressableIdFailureAnalyzer extends AbstractFailureAnalyzer<UnaddressableIdException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnaddressableIdException cause) {
		String better = cause.id().replaceAll("[^\\p{L}\\p{N}._-]+", "-").replaceAll("^[.-]+|[.-]+$", "");
		String action = "Give the bean another name, for example with @Bean(\"" + (better.isEmpty() ? "feed" : better)
				+ "\").";
		return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
	}

}
