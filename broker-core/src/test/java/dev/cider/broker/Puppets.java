package dev.cider.broker;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * A factory of puppets.
 */
class Puppets implements EndpointFactory {

	final List<Puppet> all = new CopyOnWriteArrayList<>();

	private final BlockingQueue<Puppet> fresh = new LinkedBlockingQueue<>();

	private final Supplier<? extends Puppet> maker;

	Puppets() {
		this(Puppet::new);
	}

	Puppets(Supplier<? extends Puppet> maker) {
		this.maker = maker;
	}

	@Override
	public Endpoint create() {
		Puppet puppet = this.maker.get();
		this.all.add(puppet);
		this.fresh.add(puppet);
		return puppet;
	}

	/**
	 * The next puppet that was made, once it serves.
	 */
	Puppet next() {
		Puppet puppet = Waiting.next(this.fresh);
		puppet.awaitServing();
		return puppet;
	}

}
