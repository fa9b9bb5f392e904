package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether {@code broker.enabled} is not set to false. A value that is no boolean fails
 * the start: to take it for false would be to switch supervision off in silence.
 */
class OnBrokerEnabledCondition extends SpringBootCondition {

	private static final String KEY = "broker.enabled";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		boolean enabled = Binder.get(context.getEnvironment()).bind(KEY, Boolean.class).orElse(true);
		return new ConditionOutcome(enabled, KEY + " is " + enabled);
	}

}
