package dev.cider.broker;

import java.util.stream.IntStream;

/**
 * Who is measured, in turn.
 */
public enum Side {

	/** The broker. */
	OURS {

		@Override
		Crowd crowd(String[] ids, ThreadKind kind) {
			return new BrokerCrowd(ids, kind);
		}

	},

	/** The bare loop on one thread per endpoint. */
	LOOP {

		@Override
		Crowd crowd(String[] ids, ThreadKind kind) {
			return new FloorCrowd.Loop(ids, kind);
		}

	},

	/** The same with a fresh thread per incarnation, which is what G2 promises. */
	FRESH {

		@Override
		Crowd crowd(String[] ids, ThreadKind kind) {
			return new FloorCrowd.Fresh(ids, kind);
		}

	};

	abstract Crowd crowd(String[] ids, ThreadKind kind);

	static String[] ids(int n) {
		return IntStream.range(0, n).mapToObj((i) -> "e" + i).toArray(String[]::new);
	}

}
