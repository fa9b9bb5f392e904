package dev.cider.broker.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks a method or a bean that the broker supervises. It may be a meta-annotation.
 * <p>
 * On a method that is no {@code @Bean} method, the annotation makes that method an
 * endpoint: {@code @Supervised void tail() throws IOException}. The broker calls it on a
 * thread of its own, calls it again after a crash, and interrupts the thread to close it.
 * The method returns nothing and has no parameter, or one
 * {@link dev.cider.broker.EndpointContext}. The bean name is the id, or
 * {@code bean.method} if the bean has several such methods. The bean is no prototype, and
 * the declared type of a {@code @Bean} method has the method. The bean is not new after a
 * crash, so its fields live on. Therefore the broker never calls the method again while a
 * call has not ended: the endpoint stays {@code CLOSING} and health is down until the
 * call ends, or until an operator's stop or restart gives it up. Such an endpoint runs on
 * a virtual thread where the JVM has them, unless {@code broker.threads=platform}: an
 * interrupt ends a read from a socket only there.
 * <p>
 * On the {@code @Bean} method or the class of a bean, the annotation makes the bean an
 * endpoint. The bean name is the endpoint's id. Two kinds of beans may have it:
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
 * returns {@code null} declares no endpoint. With the property
 * {@code broker.endpoints.<id>.instances=4}, a bean or a method becomes four endpoints
 * with the ids {@code <id>-1} to {@code <id>-4}. For the product of a
 * {@code FactoryBean}, the annotation stands on the factory bean.
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
