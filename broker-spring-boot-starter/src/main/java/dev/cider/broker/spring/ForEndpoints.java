package dev.cider.broker.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks a {@link org.springframework.core.task.TaskDecorator} bean that decorates the
 * threads of endpoints: those that serve and close them. Without this annotation a
 * decorator is for executors only. With {@code @Bean(defaultCandidate = false)} it is for
 * endpoints only.
 * <p>
 * {@code decorate} is called on the endpoint's own thread, since no caller waits for the
 * start of an endpoint. It must return a task that runs the given one, once, on the same
 * thread. If it throws, returns {@code null} or its task does not run the given one, the
 * endpoint crashes in phase {@link dev.cider.broker.CrashPhase#CREATE}; a close is made
 * without it. The broker does not watch what the returned task does after the given one:
 * a task that hangs there keeps its thread. Of several decorators, the first in order is
 * the innermost.
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE, ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE })
public @interface ForEndpoints {

}
