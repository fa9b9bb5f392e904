package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointGroup;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.InstanceNumber;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.ApplicationExit;
import dev.cider.broker.spring.BrokerBlueprint;
import dev.cider.broker.spring.BrokerBuilderCustomizer;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.EndpointOptionsCustomizer;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.autoconfigure.AddedSettings.Effects;
import dev.cider.broker.spring.autoconfigure.SupervisedBean.Kind;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.task.TaskDecorator;

/**
 * The blueprint that is built from the supervised beans and the properties. Finds the ids
 * when it is created, and gets the beans when the broker starts.
 */
final class BeanFactoryBlueprint implements BrokerBlueprint, SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(BeanFactoryBlueprint.class);

	private static final EndpointLog endpointLog = new EndpointLog(BeanFactoryBlueprint.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final BrokerSettings settings;

	private final EndpointThreads threads;

	private final EndpointIds ids;

	/** By the ids of the endpoints. */
	private final Map<String, SupervisedBean> beans = new LinkedHashMap<>();

	private final Map<String, DropEffect> dropEffects;

	private final Map<String, DownWhen> downWhen;

	private final Map<String, String> baseConfigs;

	private final ConfiguredGates gates;

	private final Map<String, List<WaitFor>> waitFor;

	private final List<EndpointGroup> groups;

	private final AddedSettings added;

	private final BrokerDependencies dependencies;

	private final InjectedContext injectedContext;

	/** Computed at first use: the customizers are beans that may not exist before. */
	private final AtomicReference<@Nullable Map<String, EndpointOptions>> options = new AtomicReference<>();

	BeanFactoryBlueprint(ConfigurableListableBeanFactory beanFactory, BrokerSettings settings,
			ObjectProvider<TaskDecorator> decorators) {
		this.beanFactory = beanFactory;
		this.settings = settings;
		this.threads = new EndpointThreads(decorators, settings.isContextPropagated());
		this.dependencies = new BrokerDependencies(beanFactory);
		this.injectedContext = new InjectedContext(beanFactory);
		Map<String, SupervisedBean> found = new LinkedHashMap<>();
		SupervisedBeans.find(beanFactory).forEach((bean) -> found.put(bean.id(), bean));
		this.ids = settings.ids(found.keySet());
		found.values().forEach(this::addInstances);
		beanFactory.addBeanPostProcessor(new HiddenMethods(namesOfBeansWithMethods()));
		// A wrong property fails the start of the application even if the broker does not
		// start with it.
		settings.options(this.ids, this::declaredContext);
		this.dropEffects = settings.dropEffects(this.ids);
		this.downWhen = settings.downWhen(this.ids);
		this.baseConfigs = settings.baseConfigs(this.ids);
		this.gates = new ConfiguredGates(beanFactory, settings.gateTimeout());
		this.waitFor = settings.waitFor(this.ids, this.gates,
				new BeanDependencies(beanFactory, this.beans.values()).find());
		this.added = settings.added(this.ids, this.gates);
		this.groups = settings.groups(this.ids);
		if (this.beans.isEmpty()) {
			logger.debug("No bean is @Supervised: the broker starts empty");
		}
	}

	private void addInstances(SupervisedBean bean) {
		List<String> instances = this.ids.instances(bean.id());
		if (instances.isEmpty()) {
			this.beans.put(bean.id(), bean);
		}
		for (int i = 0; i < instances.size(); i++) {
			String id = instances.get(i);
			this.beans.put(id, bean.instance(id, new InstanceNumber(i + 1, instances.size())));
		}
	}

	private Set<String> namesOfBeansWithMethods() {
		return this.beans.values()
			.stream()
			.filter((bean) -> bean.kind() == Kind.METHOD)
			.map(SupervisedBean::name)
			.collect(Collectors.toUnmodifiableSet());
	}

	@Override
	public List<String> ids() {
		return this.beans.values().stream().filter((bean) -> !isAbsent(bean)).map(SupervisedBean::id).toList();
	}

	/**
	 * Whether the {@code @Bean} method of a factory, or of a bean with supervised
	 * methods, has returned {@code null}. In Spring such a bean does not exist. Known
	 * only after the method was called.
	 */
	private boolean isAbsent(SupervisedBean bean) {
		return isHeld(bean) && this.beanFactory.containsSingleton(bean.name())
				&& this.beanFactory.getBean(bean.name()).equals(null);
	}

	/** Whether the bean itself outlives the incarnations. */
	private static boolean isHeld(SupervisedBean bean) {
		return bean.kind() == Kind.FACTORY || bean.kind() == Kind.METHOD;
	}

	@Override
	public EndpointOptions options(String id) {
		EndpointOptions found = options().get(id);
		if (found == null) {
			throw new UnknownEndpointException(id);
		}
		return found;
	}

	@Override
	public DropEffect dropEffect(String id) {
		DropEffect found = this.dropEffects.get(id);
		if (found == null) {
			throw new UnknownEndpointException(id);
		}
		return found;
	}

	@Override
	public EndpointOptions addedOptions(String id, EndpointFactory factory, EndpointOptions options) {
		try {
			return this.added.options(id, factory, options);
		}
		catch (InvalidBrokerPropertyException ex) {
			throw new IllegalArgumentException(ex.getMessage() + ". " + ex.action(), ex);
		}
	}

	@Override
	public DropEffect addedDropEffect(String id) {
		Effects configured = this.added.effects(id);
		return (configured != null) ? configured.dropEffect() : DropEffect.defaults();
	}

	/**
	 * When an endpoint is down. A lifecycle of the application may have others than the
	 * beans: they have the shared setting, unless one of their own is configured.
	 */
	DownWhen downWhen(String id) {
		DownWhen ofBean = this.downWhen.get(id);
		if (ofBean != null) {
			return ofBean;
		}
		Effects configured = this.added.effects(id);
		return (configured != null) ? configured.downWhen() : this.settings.downWhen();
	}

	/**
	 * The name of the config that completes the settings of an endpoint.
	 */
	@Nullable String baseConfig(String id) {
		Effects configured = this.beans.containsKey(id) ? null : this.added.effects(id);
		return (configured == null) ? this.baseConfigs.get(id)
				: configured.baseConfig().isEmpty() ? null : configured.baseConfig();
	}

	/**
	 * The names of all that endpoints wait for, as the properties name it.
	 */
	Set<String> gateNames() {
		return Stream
			.concat(this.waitFor.values().stream().flatMap(List::stream).map(WaitFor::written),
					this.added.gateNames().stream())
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

	private Map<String, EndpointOptions> options() {
		Map<String, EndpointOptions> known = this.options.get();
		if (known == null) {
			Map<String, EndpointOptions> customized = customizedOptions();
			// Customizers run without a lock: if two threads come here at once, the first
			// result is kept.
			known = this.options.compareAndSet(null, customized) ? customized
					: Objects.requireNonNull(this.options.get());
		}
		return known;
	}

	private Map<String, EndpointOptions> customizedOptions() {
		List<EndpointOptionsCustomizer> customizers = this.beanFactory.getBeanProvider(EndpointOptionsCustomizer.class)
			.orderedStream()
			.toList();
		Map<String, EndpointOptions> customized = new LinkedHashMap<>();
		// Keys of an absent bean are allowed: it may exist at the next start.
		Map<String, EndpointOptions.Builder> configured = this.settings.options(this.ids, this::context);
		Set<String> present = new LinkedHashSet<>(ids());
		present.forEach((id) -> {
			EndpointOptions.Builder builder = Objects.requireNonNull(configured.get(id), id);
			SupervisedBean bean = Objects.requireNonNull(this.beans.get(id), id);
			builder.instance(bean.instance().number(), bean.instance().total());
			if (bean.kind() == Kind.METHOD) {
				// Two calls of one endpoint at once would share the bean and its part of
				// the work. An interrupt, which closes it, ends more blocking calls on a
				// virtual thread.
				builder.replaceAbandoned(false).virtualThreads(this.settings.mayUseVirtualThreads());
			}
			// Spring, too, lets a bean depend on one that is absent.
			this.waitFor.getOrDefault(id, List.of())
				.stream()
				.filter((each) -> !each.isAnnotated() || present.contains(each.name()))
				.forEach((each) -> this.gates.add(each, builder));
			customizers.forEach((customizer) -> customizer.customize(id, builder));
			customized.put(id, dropEffect(id).applyTo(builder.build()));
		});
		this.settings.warnOfLongCloseTimeouts(customized, this.ids, this.groups);
		return customized;
	}

	private ContextAccess context(String id) {
		SupervisedBean bean = Objects.requireNonNull(this.beans.get(id), id);
		return (bean.kind() == Kind.FACTORY && !isAbsent(bean) && !isContextual(bean)) ? ContextAccess.FACTORY_WITHOUT
				: declaredContext(id);
	}

	/** What is known without the bean. The class of a factory is not. */
	private ContextAccess declaredContext(String id) {
		SupervisedBean bean = Objects.requireNonNull(this.beans.get(id), id);
		return switch (bean.kind()) {
			case FACTORY, CONTEXTUAL_PROTOTYPE -> ContextAccess.GIVEN;
			case PROTOTYPE -> ContextAccess.PROTOTYPE_WITHOUT;
			case METHOD -> method(bean).takesContext() ? ContextAccess.GIVEN : ContextAccess.METHOD_WITHOUT;
		};
	}

	/**
	 * Asks the factory itself: its class may be more specific than the type that its
	 * {@code @Bean} method declares.
	 */
	private boolean isContextual(SupervisedBean factory) {
		return this.beanFactory.getBean(factory.name()) instanceof ContextualEndpointFactory;
	}

	/**
	 * Registers the dependencies now, because Spring decides the order of the lifecycle
	 * beans right after this call.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		if (this.settings.isAutoStartup()) {
			registerDependencies();
		}
	}

	private void registerDependencies() {
		List<String> names = new ArrayList<>(namesOf(BrokerMonitor.class));
		for (SupervisedBean bean : this.beans.values()) {
			if (isHeld(bean)) {
				Object held = this.beanFactory.getBean(bean.name());
				if (bean.kind() == Kind.METHOD && !isAbsent(bean)) {
					// Refused at the start rather than as a crash of each incarnation.
					method(bean).invocable(held);
				}
			}
			names.add(bean.name());
		}
		this.dependencies.register(namesOf(BrokerLifecycle.class), names);
	}

	private List<String> namesOf(Class<?> type) {
		return List.of(this.beanFactory.getBeanNamesForType(type, true, false));
	}

	@Override
	public Broker.Builder builder() {
		registerDependencies();
		Broker.Builder builder = this.settings.builder(this.groups);
		this.threads.configure(builder);
		this.beanFactory.getBeanProvider(BrokerBuilderCustomizer.class)
			.orderedStream()
			.forEach((customizer) -> customizer.customize(builder));
		return builder;
	}

	@Override
	public void registerEndpoints(Broker broker) {
		this.settings.checkHealth(this.ids, this.waitFor, this.gates);
		Map<String, EndpointOptions> present = options();
		Set<String> taken = broker.endpoints().stream().map(EndpointSnapshot::id).collect(Collectors.toSet());
		Set<String> known = new LinkedHashSet<>(present.keySet());
		known.addAll(taken);
		this.settings.checkEndpoints(this.ids, this.waitFor, present.keySet(), known);
		this.beans.values().forEach((bean) -> {
			EndpointOptions options = present.get(bean.id());
			if (taken.contains(bean.id())) {
				endpointLog.log(Level.DEBUG, bean.id(), 0,
						"{}: its bean is not served, because the application has added another endpoint in its place",
						bean.id());
			}
			else if (options != null) {
				register(broker, bean, options);
			}
			else {
				endpointLog.log(Level.DEBUG, bean.id(), 0, "{}: its bean is null, so there is no such endpoint",
						bean.id());
			}
		});
	}

	private void register(Broker broker, SupervisedBean bean, EndpointOptions options) {
		EndpointFactory factory = switch (bean.kind()) {
			case FACTORY -> this.beanFactory.isSingleton(bean.name())
					? this.beanFactory.getBean(bean.name(), EndpointFactory.class) : heldByScope(bean);
			case PROTOTYPE -> () -> made(bean, this.beanFactory.getBean(bean.name(), Endpoint.class));
			case CONTEXTUAL_PROTOTYPE -> {
				ContextualEndpointFactory beans = this.injectedContext.factory(this.beanFactory, bean.name());
				ContextualEndpointFactory known = (context) -> made(bean, beans.create(context));
				yield known;
			}
			case METHOD -> methodFactory(bean);
		};
		broker.registerEndpointFactory(bean.id(), factory, options);
	}

	private EndpointFactory methodFactory(SupervisedBean bean) {
		SupervisedMethod method = method(bean);
		if (!this.beanFactory.isSingleton(bean.name())) {
			return method.factory(() -> made(bean, this.beanFactory.getBean(bean.name())));
		}
		Object singleton = this.beanFactory.getBean(bean.name());
		if (bean.instance().number() == 1 && AopUtils.isAopProxy(singleton) && method.isTransactional()) {
			endpointLog.log(Level.WARN, bean.id(), 0,
					"{}: its method {} is @Transactional, so one transaction lasts as long as the call: until the"
							+ " endpoint ends. Move what needs a transaction to another bean, or annotate the method with"
							+ " @Transactional(propagation = Propagation.NOT_SUPPORTED)",
					bean.id(), method.method().getName());
		}
		return method.factory(() -> singleton);
	}

	private static SupervisedMethod method(SupervisedBean bean) {
		return Objects.requireNonNull(bean.method(), bean.id());
	}

	/**
	 * A factory that gets the factory bean from its scope for each incarnation: the scope
	 * may have destroyed the one of the last incarnation. A prototype is a new factory
	 * bean each time.
	 */
	private EndpointFactory heldByScope(SupervisedBean bean) {
		if (isContextual(bean)) {
			ContextualEndpointFactory contextual = (
					context) -> made(bean, this.beanFactory.getBean(bean.name(), ContextualEndpointFactory.class))
						.create(context);
			return contextual;
		}
		return () -> made(bean, this.beanFactory.getBean(bean.name(), EndpointFactory.class)).create();
	}

	/**
	 * Registers the dependencies again, because those that are not parameters are known
	 * only when the bean has been created.
	 */
	private <T> T made(SupervisedBean bean, T instance) {
		this.dependencies.register(namesOf(BrokerLifecycle.class), List.of(bean.name()));
		return instance;
	}

	@Override
	public List<BrokerMonitor> monitors() {
		List<BrokerMonitor> monitors = new ArrayList<>(
				this.beanFactory.getBeanProvider(BrokerMonitor.class).orderedStream().toList());
		Set<String> shutdownIds = shutdownIds();
		if (!shutdownIds.isEmpty() || this.added.mayShutDown()) {
			monitors.add(new ShutdownOnDrop(
					(id) -> shutdownIds.contains(id) || addedDropEffect(id).onDrop() == OnDrop.SHUTDOWN,
					this.beanFactory.getBean(ApplicationExit.class)));
		}
		return List.copyOf(monitors);
	}

	private Set<String> shutdownIds() {
		return ids().stream()
			.filter((id) -> dropEffect(id).onDrop() == OnDrop.SHUTDOWN)
			.collect(Collectors.toUnmodifiableSet());
	}

	@Override
	public Duration stopWait() {
		return this.dependencies.isAnyStoppedWith(this.settings.phase()) ? this.settings.shutdownPhaseTimeout()
				: Duration.ZERO;
	}

}
