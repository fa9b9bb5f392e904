package dev.cider.broker;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * The rules that the tree of the core follows.
 */
@AnalyzeClasses(packages = "dev.cider.broker", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	@ArchTest
	static final ArchRule thereAreTwoPackages = classes().should()
		.resideInAnyPackage("dev.cider.broker", "dev.cider.broker.restart");

	@ArchTest
	static final ArchRule packagesFormNoCycle = slices().matching("dev.cider.(**)").should().beFreeOfCycles();

	@ArchTest
	static final ArchRule restartDependsOnNothingButTheJdk = classes().that()
		.resideInAPackage("dev.cider.broker.restart")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker.restart", "java..", "org.jspecify..");

	@ArchTest
	static final ArchRule theCoreIsPlainJava = classes().should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker..", "java..", "org.slf4j..", "org.jspecify..");

	@ArchTest
	static final ArchRule theMachineKnowsNoThreadClockOrLog = noClasses().that()
		.haveSimpleName("EndpointMachine")
		.or()
		.haveSimpleName("Turn")
		.or()
		.haveSimpleName("Draft")
		.or()
		.haveSimpleName("Past")
		.or()
		.haveSimpleName("Transitions")
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

	@ArchTest
	static final ArchRule onlyATurnWritesOnAMachine = noClasses().that()
		.doNotHaveSimpleName("EndpointMachine")
		.and()
		.doNotHaveSimpleName("Draft")
		.and()
		.doNotHaveSimpleName("Turn")
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

}
