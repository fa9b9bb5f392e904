package dev.cider.broker.readme;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.cider.broker.spring.Supervised;

import org.springframework.stereotype.Component;

@Component
class JobReader {

	final BlockingQueue<String> jobs = new LinkedBlockingQueue<>();

	@Supervised // on a method of any bean; the name of the bean is the id of the endpoint
	void read() throws InterruptedException {
		while (true) {
			System.out.println("job: " + this.jobs.take());
		}
	}

}
