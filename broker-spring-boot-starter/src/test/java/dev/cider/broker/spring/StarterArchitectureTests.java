package dev.cider.broker.spring;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

@AnalyzeClasses(packages = "dev.cider.broker.spring", importOptions = ImportOption.DoNotIncludeTests.class)
class StarterArchitectureTests {

	private static final String ROOT = "dev.cider.broker.spring";

	@ArchTest
	static final ArchRule packagesAreFreeOfCycles = SlicesRuleDefinition.slices()
		.matching("dev.cider.broker.(**)")
		.should()
		.beFreeOfCycles();

	@ArchTest
	static final ArchRule theRootKnowsNoOtherPackageOfTheStarter = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(ROOT + ".*..");

	@ArchTest
	static final ArchRule theRootKnowsNoSpringBootAndNoMicrometer = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot..", "io.micrometer..");

	@ArchTest
	static final ArchRule nobodyKnowsTheWiring = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackage(ROOT + ".autoconfigure")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".autoconfigure");

	@ArchTest
	static final ArchRule theOptionalSidesDoNotKnowEachOther = SlicesRuleDefinition.slices()
		.matching(ROOT + ".(actuate|health|metrics)")
		.should()
		.notDependOnEachOther();

	@ArchTest
	static final ArchRule theObservationsDoNotKnowTheOtherSides = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT + ".observation")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(ROOT, ROOT + ".actuate", ROOT + ".health", ROOT + ".metrics", "io.micrometer.core..");

	@ArchTest
	static final ArchRule actuatorAndHealthDoNotKnowTheObservations = ArchRuleDefinition.noClasses()
		.that()
		.resideInAnyPackage(ROOT + ".actuate", ROOT + ".health")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".observation");

	@ArchTest
	static final ArchRule onlyMetricsAndObservationsKnowMicrometer = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackages(ROOT + ".metrics", ROOT + ".observation", ROOT + ".autoconfigure")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("io.micrometer..");

	@ArchTest
	static final ArchRule onlyTheHandlerOfSpansKnowsTracing = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackage(ROOT + ".autoconfigure")
		.and()
		.doNotHaveSimpleName("EndpointTracingHandler")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("io.micrometer.tracing..");

	@ArchTest
	static final ArchRule packagesAreNamedAfterWhatTheyAreFor = ArchRuleDefinition.noClasses()
		.should()
		.resideInAnyPackage("..util..", "..support..", "..impl..", "..helper..");

	@ArchTest
	static final ArchRule noClassIsCalledImpl = ArchRuleDefinition.noClasses()
		.should()
		.haveSimpleNameEndingWith("Impl");

	@ArchTest
	static final ArchRule ofTheWiringOnlyAutoConfigurationsArePublic = ArchRuleDefinition.classes()
		.that()
		.resideInAPackage(ROOT + ".autoconfigure")
		.and()
		.areTopLevelClasses()
		.and()
		.areNotAnnotatedWith(AutoConfiguration.class)
		.should()
		.notBePublic();

	@ArchTest
	static final ArchRule autoConfigurationsArePublicAndFinal = ArchRuleDefinition.classes()
		.that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL);

	@ArchTest
	static final ArchRule beanMethodsArePackagePrivate = ArchRuleDefinition.methods()
		.that()
		.areAnnotatedWith(Bean.class)
		.should()
		.bePackagePrivate();

	@ArchTest
	static final ArchRule everyPackageIsNullMarked = ArchRuleDefinition.classes()
		.should(ArchConditions.be(DescribedPredicate.describe("in a @NullMarked package",
				StarterArchitectureTests::isInNullMarkedPackage)));

	private static boolean isInNullMarkedPackage(JavaClass type) {
		return type.getPackage().tryGetAnnotationOfType(NullMarked.class).isPresent();
	}

}
