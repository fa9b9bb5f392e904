package dev.cider.broker.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks a bean that the broker supervises. The bean name is the endpoint's id. Put the
 * annotation on the {@code @Bean} method or on the class, or use it as a meta-annotation.
 * Two kinds of beans may have it:
 * <ul>
 * <li>an {@link dev.cider.broker.EndpointFactory} (or
 * {@link dev.cider.broker.ContextualEndpointFactory}): {@code @Bean @Supervised
 * EndpointFactory tcp() { return () -> new TcpEndpoint(); }}</li>
 * <li>an {@link dev.cider.broker.Endpoint} in scope {@code prototype}: every incarnation
 * is a new bean. Its constructor or {@code @Bean} method may take the
 * {@link dev.cider.broker.EndpointContext} of its incarnation.</li>
 * </ul>
 * If a factory is not a singleton, the broker gets it from its scope again at every start
 * of the endpoint; a prototype is a new factory each time. A {@code @Bean} method that
 * returns {@code null} declares no endpoint. For the product of a {@code FactoryBean},
 * the annotation stands on the factory bean.
 * <p>
 * A factory without this annotation is left alone. A singleton {@code Endpoint}, or a
 * bean of any other type, with this annotation fails the start of the application: an
 * instance serves only once, so the broker could not restart a singleton.
 * <p>
 * Spring starts the beans that a supervised bean needs before the broker, and stops them
 * after it. A factory may inject {@link dev.cider.broker.BrokerOperations}.
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE, ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE })
public @interface Supervised {

}
