package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import dev.cider.broker.EndpointGate;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.health.registry.ReactiveHealthContributorRegistry;
import org.springframework.util.ClassUtils;

/**
 * Open while a contributor of the application's health is UP or UNKNOWN. Asks the
 * contributor itself, not the actuator endpoint, which may not be exposed.
 */
final class HealthGate implements EndpointGate {

	private static final String REACTOR = "reactor.core.publisher.Mono";

	private final BeanFactory beanFactory;

	private final String name;

	/**
	 * A gate of a contributor.
	 * @param name its name; with the names of those that it is nested in before it,
	 * separated by slashes
	 */
	HealthGate(BeanFactory beanFactory, String name) {
		this.beanFactory = beanFactory;
		this.name = name;
	}

	/**
	 * The names of all contributors that are not nested.
	 */
	static List<String> names(BeanFactory beanFactory) {
		List<String> names = new ArrayList<>(beanFactory.getBean(HealthContributorRegistry.class)
			.stream()
			.map(HealthContributors.Entry::name)
			.toList());
		if (hasReactor()) {
			beanFactory.getBeanProvider(ReactiveHealthContributorRegistry.class)
				.ifAvailable((registry) -> registry.stream().forEach((entry) -> names.add(entry.name())));
		}
		return names;
	}

	/**
	 * Whether there is such a contributor.
	 */
	boolean exists() {
		return contributor() != null;
	}

	private @Nullable HealthContributor contributor() {
		String[] path = this.name.split("/");
		HealthContributor found = root(path[0]);
		for (int i = 1; i < path.length; i++) {
			found = (found instanceof HealthContributors nested) ? nested.getContributor(path[i]) : null;
		}
		return found;
	}

	private @Nullable HealthContributor root(String first) {
		HealthContributor found = this.beanFactory.getBean(HealthContributorRegistry.class).getContributor(first);
		return (found != null || !hasReactor()) ? found
				: this.beanFactory.getBeanProvider(ReactiveHealthContributorRegistry.class)
					.stream()
					.map((registry) -> registry.getContributor(first))
					.filter(Objects::nonNull)
					.map(ReactiveHealthContributor::asHealthContributor)
					.findFirst()
					.orElse(null);
	}

	private static boolean hasReactor() {
		return ClassUtils.isPresent(REACTOR, HealthGate.class.getClassLoader());
	}

	@Override
	public @Nullable String shut() {
		HealthContributor contributor = contributor();
		if (contributor == null) {
			return "gone: there is no such health contributor any more";
		}
		return statuses(contributor).filter((status) -> !isOpen(status)).findFirst().map(Status::getCode).orElse(null);
	}

	private static boolean isOpen(Status status) {
		return Status.UP.equals(status) || Status.UNKNOWN.equals(status);
	}

	/** An indicator may answer nothing, which is no reason to wait. */
	private static Stream<Status> statuses(HealthContributor contributor) {
		if (contributor instanceof HealthIndicator indicator) {
			Health health = indicator.health();
			return (health != null) ? Stream.of(health.getStatus()) : Stream.of();
		}
		return (contributor instanceof HealthContributors nested)
				? nested.stream().flatMap((entry) -> statuses(entry.contributor())) : Stream.of();
	}

}
