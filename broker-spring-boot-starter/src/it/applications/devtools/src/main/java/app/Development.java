package app;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.spring.EndpointStateEvent;
import dev.cider.broker.spring.Supervised;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * An application that its developer runs with the devtools.
 */
@SpringBootApplication
public class Development {

	public static void main(String[] args) {
		SpringApplication.run(Development.class, args);
	}

	@Bean
	@Supervised
	EndpointFactory server(BrokerOperations broker) {
		return Server::new;
	}

	@EventListener
	void changed(EndpointStateEvent event) {
		EndpointSnapshot now = event.getAfter();
		System.out.println("# " + now.id() + " " + now.state() + " " + now.incarnation());
	}

}
