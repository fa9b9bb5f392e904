package dev.cider.broker.spring;

import org.springframework.beans.factory.config.BeanDefinitionCustomizer;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The endpoints that most tests supervise.
 */
public final class TestEndpoints {

	private TestEndpoints() {
	}

	/**
	 * Makes a bean supervised that has neither method nor class to annotate.
	 */
	public static BeanDefinitionCustomizer supervised() {
		return (definition) -> ((AbstractBeanDefinition) definition)
			.addQualifier(new AutowireCandidateQualifier(Supervised.class));
	}

	@Configuration(proxyBeanMethods = false)
	public static class Tcp {

		@Bean
		@Supervised
		ScriptedFactory tcp() {
			return new ScriptedFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	public static class TcpAndUdp extends Tcp {

		@Bean
		@Supervised
		ScriptedFactory udp() {
			return new ScriptedFactory();
		}

	}

}
