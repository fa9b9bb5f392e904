package dev.cider.broker.readme;

import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Where the README's feed takes its lines from and where it shows them.
 *
 * @param source serves lines
 * @param shown what was shown
 */
record PriceBoard(InetSocketAddress source, BlockingQueue<String> shown) {

	PriceBoard(InetSocketAddress source) {
		this(source, new LinkedBlockingQueue<>());
	}

	void show(String line) {
		this.shown.add(line);
	}

}
