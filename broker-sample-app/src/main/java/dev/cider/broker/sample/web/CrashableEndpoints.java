package dev.cider.broker.sample.web;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Knows the latest instance that each factory bean has made, and can make it crash.
 */
class CrashableEndpoints implements BeanPostProcessor {

	private final Map<String, CrashableEndpoint> latest = new ConcurrentHashMap<>();

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof ContextualEndpointFactory factory) {
			ContextualEndpointFactory crashable = (context) -> remember(beanName, factory.create(context));
			return crashable;
		}
		if (bean instanceof EndpointFactory factory) {
			EndpointFactory crashable = () -> remember(beanName, factory.create());
			return crashable;
		}
		return bean;
	}

	/**
	 * Makes an endpoint crash.
	 * @param id its id, which is the name of its factory
	 * @return whether the endpoint was serving, and crashes
	 */
	boolean crash(String id) {
		CrashableEndpoint endpoint = this.latest.get(id);
		return endpoint != null && endpoint.crash(new PageCrashException());
	}

	private CrashableEndpoint remember(String id, Endpoint endpoint) {
		CrashableEndpoint crashable = new CrashableEndpoint(endpoint);
		this.latest.put(id, crashable);
		return crashable;
	}

}
