package dev.cider.broker.readme;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;

import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

import static dev.cider.broker.readme.PriceApplication.logger;

@Component
@Scope("prototype")
@Supervised
class Ticker implements Endpoint {

	private final EndpointContext context;

	private final CountDownLatch closed = new CountDownLatch(1);

	Ticker(EndpointContext context) {
		this.context = context;
	}

	@Override
	public void listenAndServe() throws InterruptedException {
		logger.info("{} {} ticks", this.context.id(), this.context.incarnation());
		this.closed.await();
	}

	@Override
	public void close() {
		this.closed.countDown();
	}

}
