package app;

import org.springframework.boot.ApplicationArguments;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Needs beans that have no definition.
 */
@Component
class Greeter {

	private final String greeting;

	Greeter(Environment environment, ApplicationArguments arguments) {
		this.greeting = environment.getRequiredProperty("clinic.greeting")
				+ (arguments.containsOption("loud") ? "!" : ".");
	}

	String greet(String name) {
		return name + " says " + this.greeting;
	}

}
