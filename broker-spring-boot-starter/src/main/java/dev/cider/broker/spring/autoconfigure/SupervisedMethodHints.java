package dev.cider.broker.spring.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;

/**
 * Makes a native image keep the supervised methods, which are called by reflection.
 */
final class SupervisedMethodHints implements BeanRegistrationAotProcessor {

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
		List<SupervisedMethod> methods = SupervisedMethods.of(bean.getBeanClass());
		return methods.isEmpty() ? null : (context, code) -> methods.forEach(
				(each) -> context.getRuntimeHints().reflection().registerMethod(each.method(), ExecutableMode.INVOKE));
	}

}
