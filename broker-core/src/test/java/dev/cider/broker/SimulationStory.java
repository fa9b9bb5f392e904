package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What happened in a simulated world, told only if it ends badly: then its last scene is
 * the first step that broke a promise.
 */
final class SimulationStory {

	private final List<Object> scenes = new ArrayList<>();

	private int steps;

	void registered(String id, boolean contextual, boolean gated, EndpointOptions options) {
		this.scenes.add(new Registration(id, contextual, gated, options));
	}

	Scene told(String id, Signal signal, long at) {
		Scene scene = new Scene(id, signal, at);
		this.scenes.add(scene);
		this.steps++;
		return scene;
	}

	/** How many signals the machines were told. */
	int steps() {
		return this.steps;
	}

	@Override
	public String toString() {
		return this.scenes.stream().map(Object::toString).collect(Collectors.joining("\n"));
	}

	private record Registration(String id, boolean contextual, boolean gated, EndpointOptions options) {

		@Override
		public String toString() {
			return this.id + (this.contextual ? ", contextual" : "") + (this.gated ? ", gated: " : ": ") + this.options;
		}

	}

	/**
	 * One signal, and what followed.
	 */
	static final class Scene {

		private final String id;

		private final Signal signal;

		private final long at;

		private @Nullable Step step;

		private Scene(String id, Signal signal, long at) {
			this.id = id;
			this.signal = signal;
			this.at = at;
		}

		void leadsTo(Step step) {
			this.step = step;
		}

		@Override
		public String toString() {
			String what = this.at / 1_000 / 1e3 + " ms, " + this.id + ": " + this.signal;
			if (this.step == null) {
				return what + " -> threw";
			}
			String then = this.step.actions().stream().map(this::words).collect(Collectors.joining(", "));
			return what + " -> " + (then.isEmpty() ? "nothing" : then);
		}

		/** Of a change only what changed: the rest has been told before. */
		private String words(Action action) {
			if (this.step != null && action instanceof Action.TellChange) {
				EndpointSnapshot to = this.step.machine().shown();
				return to.state() + ", incarnation " + to.incarnation() + ", " + to.abandoned() + " abandoned";
			}
			return action.toString();
		}

	}

}
