package org.springframework.samples.clinic;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.spring.Supervised;

/**
 * A bean of an application whose packages begin as Spring's own do.
 */
public class VisitReader {

	@Supervised
	void read() throws InterruptedException {
		new CountDownLatch(1).await();
	}

}
