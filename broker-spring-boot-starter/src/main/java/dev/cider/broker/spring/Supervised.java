package dev.cider.broker.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks a bean that the broker supervises. The bean name is the endpoint's id. Two kinds
 * of beans may carry it, on the {@code @Bean} method, on the class or through another
 * annotation:
 * <ul>
 * <li>an {@link dev.cider.broker.EndpointFactory} (or
 * {@link dev.cider.broker.ContextualEndpointFactory}): {@code @Bean @Supervised
 * EndpointFactory tcp() { return () -> new TcpEndpoint(); }}</li>
 * <li>an {@link dev.cider.broker.Endpoint} in scope {@code prototype}: every incarnation
 * is a new bean. Its constructor or {@code @Bean} method may take the
 * {@link dev.cider.broker.EndpointContext} of its incarnation.</li>
 * </ul>
 * A factory in another scope than singleton is asked for again at every start of the
 * endpoint: what its scope holds then makes the instance, and of a prototype it is a new
 * factory each time. A {@code @Bean} method that returns {@code null} declares no
 * endpoint. The product of a {@code FactoryBean} counts like any other bean, with the
 * annotation on the factory bean.
 * <p>
 * A factory without this annotation is left alone. A singleton {@code Endpoint} with it
 * fails the start: an instance lives once, so one bean cannot be started again. So does a
 * bean of any other type.
 * <p>
 * What the bean needs is started before the broker and stopped after it. A factory may
 * inject {@link dev.cider.broker.BrokerOperations}.
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE, ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE })
public @interface Supervised {

}
