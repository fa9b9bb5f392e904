package dev.cider.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules that the tree of the core follows.
 */
@AnalyzeClasses(packages = "dev.cider.broker", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	@ArchTest
	static final ArchRule thereAreThreePackages = classes().should()
		.resideInAnyPackage("dev.cider.broker", "dev.cider.broker.restart", "dev.cider.broker.lease");

	@ArchTest
	static final ArchRule packagesFormNoCycle = slices().matching("dev.cider.(**)").should().beFreeOfCycles();

	@ArchTest
	static final ArchRule restartDependsOnNothingButTheJdk = classes().that()
		.resideInAPackage("dev.cider.broker.restart")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker.restart", "java..", "org.jspecify..");

	@ArchTest
	static final ArchRule leaseDependsOnNothingButTheJdk = classes().that()
		.resideInAPackage("dev.cider.broker.lease")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker.lease", "java..", "org.jspecify..");

	/** Not yet: the supervisor does not know of leases. */
	@ArchTest
	static final ArchRule onlyTheLeaseKnowsTheLease = noClasses().that()
		.resideOutsideOfPackage("dev.cider.broker.lease")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.cider.broker.lease");

	@ArchTest
	static final ArchRule theCoreIsPlainJava = classes().should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker..", "java..", "org.slf4j..", "org.jspecify..");

	@ArchTest
	static void eachTypeIsInALayerAndKnowsOnlyLayersBelow(JavaClasses core) {
		List<String> violations = new ArrayList<>();
		for (JavaClass type : core) {
			if (!isInALayer(type)) {
				continue;
			}
			Layer layer = Layer.of(type);
			for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
				JavaClass known = dependency.getTargetClass().getBaseComponentType();
				if (isInALayer(known) && !layer.mayKnow(Layer.of(known))) {
					violations.add(layer + " must not know " + Layer.of(known) + ": " + dependency.getDescription());
				}
			}
		}
		assertThat(violations).isEmpty();
	}

	/** A type that has gone stays in no layer, for it would not compile. */
	@Test
	void noTypeIsInTwoLayers() {
		assertThat(Arrays.stream(Layer.values()).flatMap((layer) -> layer.types.stream())).doesNotHaveDuplicates();
	}

	@ArchTest
	static final ArchRule theMachinesKnowNoThreadClockOrLog = noClasses()
		.that(areIn(Layer.MACHINE).or(areIn(Layer.ADMISSION)).or(resideInAPackage("dev.cider.broker.lease")))
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("java.util.concurrent..", "org.slf4j..")
		.orShould()
		.dependOnClassesThat()
		.haveFullyQualifiedName("java.lang.Thread")
		.orShould()
		.callMethod(System.class, "nanoTime")
		.orShould()
		.callMethod(java.time.Instant.class, "now");

	/** The build that breaks the machine breaks all of it. */
	@Test
	void theMutationBuildTargetsTheMachine() throws IOException {
		String pom = Files.readString(Path.of("pom.xml"));
		String targets = pom.substring(pom.indexOf("<targetClasses>"), pom.indexOf("</targetClasses>"));
		Set<String> targeted = Pattern.compile("dev\\.cider\\.broker\\.([A-Z]\\w+)(\\$\\*)?<")
			.matcher(targets)
			.results()
			.map((target) -> target.group(1))
			.collect(Collectors.toSet());
		assertThat(targeted)
			.isEqualTo(Layer.MACHINE.types.stream().map(Class::getSimpleName).collect(Collectors.toSet()));
	}

	private static boolean isInALayer(JavaClass type) {
		return type.getPackageName().equals("dev.cider.broker") && !type.getSimpleName().equals("package-info");
	}

	private static DescribedPredicate<JavaClass> areIn(Layer layer) {
		return DescribedPredicate.describe("are in the layer " + layer,
				(type) -> isInALayer(type) && Layer.of(type) == layer);
	}

	@ArchTest
	static final ArchRule onlyASignalHandlerWritesOnAMachine = noClasses().that()
		.doNotHaveSimpleName("EndpointMachine")
		.and()
		.doNotHaveSimpleName("StepBuilder")
		.and()
		.doNotHaveSimpleName("SignalHandler")
		.should()
		.setFieldWhere(targetOwner(type(EndpointMachine.class)));

	@ArchTest
	static final ArchRule nothingSleepsOrPolls = noClasses().should()
		.callMethod(Thread.class, "sleep", long.class)
		.orShould()
		.callMethod(Thread.class, "onSpinWait")
		.orShould()
		.callMethod(Thread.class, "yield");

	@ArchTest
	static final ArchRule noClassIsNamedAfterItsBeingAnImplementation = noClasses().should()
		.haveSimpleNameEndingWith("Impl");

	/**
	 * The layers of the one package, the lowest first. The package comment says what each
	 * is for.
	 */
	private enum Layer {

		REPORT(List.of(), BrokerState.class, EndpointState.class, CrashPhase.class, CrashSummary.class,
				EndpointCrashReport.class, EndpointSnapshot.class, GateSnapshot.class, EndpointChange.class,
				Termination.class, EndpointDroppedException.class, EndpointTerminatedException.class,
				InvalidStateException.class, UnknownEndpointException.class),

		CONTRACT(List.of(REPORT), Endpoint.class, ComposedEndpoint.class, InterruptibleEndpoint.class,
				EndpointFactory.class, ContextualEndpointFactory.class, EndpointContext.class, EndpointOptions.class,
				InstanceNumber.class, EndpointGate.class, KnownGate.class, ServingGate.class, ServedGate.class,
				EndpointGroup.class, GroupStrategy.class, BrokerMonitor.class, BrokerOperations.class),

		SHORTAGE(List.of(), Shortage.class),

		TIME(List.of(SHORTAGE), Time.class, SystemTime.class, TimerQueue.class, WallClock.class, Moment.class),

		THREADS(List.of(SHORTAGE), Threads.class, DecoratedTask.class, VirtualThreads.class, ThreadInheritance.class,
				LoggingContext.class, CallerStack.class, WaitChain.class, KeepAlive.class, SerialQueue.class,
				SignalThread.class),

		CRASH(List.of(REPORT, TIME), Failure.class, Fingerprint.class, CrashEntry.class, CrashHistory.class),

		MACHINE(List.of(REPORT, CONTRACT, TIME, CRASH), EndpointMachine.class, Transitions.class, SignalHandler.class,
				StepBuilder.class, Step.class, SharedValues.class, Signal.class, Requests.class, Action.class,
				Progress.class, AfterClose.class, ExitTotals.class, Abandoned.class, Inner.class),

		ADMISSION(List.of(REPORT, CONTRACT, TIME, MACHINE), Admissions.class, AdmissionSettings.class, Applicant.class,
				GroupMachine.class, GateWatch.class, DeskSignal.class, DeskAction.class, ServingGates.class),

		MONITORS(List.of(SHORTAGE, REPORT, CONTRACT, TIME, THREADS, CRASH), Monitors.class, Mailbox.class,
				NotificationQueue.class, Notification.class, LogMonitor.class, LoggedStacks.class, MonitorThrows.class),

		SUPERVISION(List.of(SHORTAGE, REPORT, CONTRACT, TIME, THREADS, CRASH, MACHINE, ADMISSION, MONITORS),
				EndpointSupervisor.class, Incarnation.class, IncarnationContext.class, CloseTask.class,
				AbandonedIncarnations.class, LiveStack.class, SeenInstances.class, ServingReferences.class,
				EndAwaiters.class, Survivor.class, InnerBroker.class, EndpointRegistry.class, Membership.class,
				BrokerServices.class, EarlyInitialization.class, AdmissionDesk.class),

		BROKER(List.of(SHORTAGE, REPORT, CONTRACT, TIME, THREADS, CRASH, MACHINE, ADMISSION, MONITORS, SUPERVISION),
				Broker.class, NestedBroker.class, StopOrder.class);

		private final List<Layer> below;

		private final List<Class<?>> types;

		Layer(List<Layer> below, Class<?>... types) {
			this.below = below;
			this.types = List.of(types);
		}

		boolean mayKnow(Layer other) {
			return other == this || this.below.contains(other);
		}

		/** What is nested in a type is where that type is. */
		static Layer of(JavaClass type) {
			String name = type.getName().replaceFirst("\\$.*", "");
			return Arrays.stream(values())
				.filter((layer) -> layer.types.stream().anyMatch((each) -> each.getName().equals(name)))
				.findFirst()
				.orElseThrow(() -> new AssertionError(name + " is in no layer: add it to one in ArchitectureTests"));
		}

	}

}
