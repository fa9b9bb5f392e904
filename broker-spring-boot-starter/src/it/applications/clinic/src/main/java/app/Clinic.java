package app;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.spring.Supervised;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * An application in the shape of Spring PetClinic.
 */
@SpringBootApplication
class Clinic {

	@Bean
	@Supervised
	ContextualEndpointFactory vets(Desk desk, @Value("${clinic.port}") int port) {
		return (context) -> new VetServer(desk, context, port);
	}

	/** Destroyed right before what it needs, the EntityManagerFactory. */
	@Bean
	DisposableBean lastUser(EntityManagerFactory entities, Desk desk) {
		return () -> desk.note("the entities are " + (entities.isOpen() ? "open" : "closed") + " until now");
	}

}
