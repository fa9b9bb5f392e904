package dev.cider.broker.spring.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches unless {@code broker.enabled} is false. A value that is no boolean fails the
 * start, because to read it as false would switch supervision off silently.
 */
class OnBrokerEnabledCondition extends SpringBootCondition {

	private static final String KEY = "broker.enabled";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		boolean enabled = Binder.get(context.getEnvironment()).bind(KEY, Boolean.class).orElse(true);
		return new ConditionOutcome(enabled, KEY + " is " + enabled);
	}

}
