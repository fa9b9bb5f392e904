package dev.cider.broker.sample;

import java.util.stream.Stream;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * The rules that the tree of the sample follows.
 */
@AnalyzeClasses(packages = "dev.cider.broker.sample", importOptions = ImportOption.DoNotIncludeTests.class)
class SampleArchitectureTests {

	@ArchTest
	static final ArchRule packagesFormNoCycle = slices().matching("dev.cider.broker.(**)").should().beFreeOfCycles();

	@ArchTest
	static final ArchRule theExchangeKnowsNeitherTransportsNorSpringNorTheBroker = classes().that()
		.resideInAPackage("..sample.exchange")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker.sample.exchange", "java..", "tools.jackson..", "io.netty.util..",
				"org.slf4j..", "org.jspecify..");

	@ArchTest
	static final ArchRule whatTheTransportsOnNettyShareKnowsNoTransport = aTransport("netty", "io.netty..");

	@ArchTest
	static final ArchRule tcpKnowsTheExchangeAndNetty = aTransport("tcp", "dev.cider.broker.sample.netty",
			"io.netty..");

	@ArchTest
	static final ArchRule websocketKnowsTheExchangeAndNetty = aTransport("websocket", "dev.cider.broker.sample.netty",
			"io.netty..");

	@ArchTest
	static final ArchRule zeromqKnowsTheExchangeAndJeroMq = aTransport("zeromq", "org.zeromq..", "zmq..");

	@ArchTest
	static final ArchRule theFeedKnowsNothingOfItsSource = aPartBesideTheExchange("feed");

	@ArchTest
	static final ArchRule theSourceKnowsNothingOfTheFeed = aPartBesideTheExchange("market");

	private static ArchRule aPartBesideTheExchange(String name) {
		return classes().that()
			.resideInAPackage("dev.cider.broker.sample." + name)
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage("dev.cider.broker.sample." + name, "dev.cider.broker", "dev.cider.broker.spring",
					"java..", "org.springframework..", "org.jspecify..");
	}

	private static ArchRule aTransport(String name, String... network) {
		Stream<String> shared = Stream.of("dev.cider.broker.sample." + name, "dev.cider.broker.sample.exchange",
				"dev.cider.broker", "java..", "org.slf4j..", "org.jspecify..");
		return classes().that()
			.resideInAPackage("dev.cider.broker.sample." + name)
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage(Stream.concat(shared, Stream.of(network)).toArray(String[]::new));
	}

	@ArchTest
	static final ArchRule thePageKnowsNoTransport = classes().that()
		.resideInAPackage("..sample.web")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("dev.cider.broker.sample.web", "dev.cider.broker.sample.exchange",
				"dev.cider.broker.sample.feed", "dev.cider.broker", "dev.cider.broker.spring", "java..",
				"jakarta.servlet..", "org.springframework..", "org.slf4j..", "org.jspecify..");

}
