package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.Method;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

import dev.cider.broker.spring.Supervised;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ReflectionUtils.MethodFilter;

/**
 * Finds the supervised methods of a class, as Spring finds its event listeners: without
 * creating a bean.
 */
final class SupervisedMethods {

	private static final Logger logger = LoggerFactory.getLogger(SupervisedMethods.class);

	private static final MethodFilter SUPERVISED = (method) -> {
		MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
		return annotations.isPresent(Supervised.class) && !annotations.isPresent(Bean.class);
	};

	private SupervisedMethods() {
	}

	/**
	 * The supervised methods, in the order of their names. A {@code @Bean} method is
	 * none: what it returns is supervised.
	 * @throws UnsupportedMethodException if one cannot be an endpoint
	 */
	static List<SupervisedMethod> of(Class<?> type) {
		if (!AnnotationUtils.isCandidateClass(type, Supervised.class)) {
			return List.of();
		}
		return select(type).stream().sorted(Comparator.comparing(Method::getName)).map(SupervisedMethod::of).toList();
	}

	/**
	 * The names of the supervised methods, also of those that cannot be endpoints.
	 */
	static List<String> names(Class<?> type) {
		return AnnotationUtils.isCandidateClass(type, Supervised.class)
				? select(type).stream().map(Method::getName).sorted().toList() : List.of();
	}

	private static Set<Method> select(Class<?> type) {
		try {
			return MethodIntrospector.selectMethods(type, SUPERVISED);
		}
		catch (Throwable unresolvable) {
			// A class whose methods name a class that is not there.
			logger.debug("Cannot read the methods of {}: none of them is supervised", type.getName(), unresolvable);
			return Set.of();
		}
	}

}
