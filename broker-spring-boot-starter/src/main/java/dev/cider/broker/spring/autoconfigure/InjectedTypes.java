package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.Executable;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ReflectionUtils;

/**
 * The types of the beans that Spring will inject into a bean, as far as its class and its
 * constructor or factory method show them. Includes the element types of collections and
 * providers.
 */
final class InjectedTypes {

	private final Set<Class<?>> types = new LinkedHashSet<>();

	/**
	 * The types of the parameters and fields that Spring injects.
	 * @param makers its constructors, or its factory method
	 * @param type its class, if that is known
	 */
	static Set<Class<?>> of(Stream<? extends Executable> makers, @Nullable Class<?> type) {
		InjectedTypes injected = new InjectedTypes();
		makers.forEach(injected::addParametersOf);
		if (type != null) {
			ReflectionUtils.doWithFields(type, (field) -> injected.add(ResolvableType.forField(field)),
					(field) -> MergedAnnotations.from(field).isPresent(Autowired.class));
			ReflectionUtils.doWithMethods(type, injected::addParametersOf,
					(method) -> MergedAnnotations.from(method).isPresent(Autowired.class));
		}
		return injected.types;
	}

	private void addParametersOf(Executable maker) {
		for (int i = 0; i < maker.getParameterCount(); i++) {
			add(ResolvableType.forMethodParameter(MethodParameter.forExecutable(maker, i)));
		}
	}

	private void add(ResolvableType type) {
		Class<?> known = type.resolve(Object.class);
		if (known != Object.class) {
			this.types.add(known);
		}
		for (ResolvableType part : type.isArray() ? new ResolvableType[] { type.getComponentType() }
				: type.getGenerics()) {
			add(part);
		}
	}

}
