package dev.cider.broker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;

/**
 * A broker that plays an {@link OtpStory}, and notes what OTP would note.
 */
final class OtpGroup implements AutoCloseable {

	private final OtpStory story;

	private final Broker broker;

	/** Guarded by itself. */
	private final List<String> events = new ArrayList<>();

	private final Map<String, Member> members = new ConcurrentHashMap<>();

	private final Set<String> resting = new HashSet<>();

	OtpGroup(OtpStory story, MemberFactory factory) {
		this.story = story;
		this.broker = Broker.builder().keepServing(true).group(story.group()).build();
		story.members().forEach((id, type) -> {
			RestartPolicy policy = TestOptions.atOnce()
				.allowedConsecutiveErrors(story.drops() ? 1 : RestartPolicy.UNLIMITED)
				.mode((type == OtpStory.Type.PERMANENT) ? RestartMode.ALWAYS : RestartMode.ON_FAILURE)
				.build();
			this.broker.registerEndpointFactory(id, (ContextualEndpointFactory) (context) -> {
				Member member = factory.create(this, context);
				this.members.put(id, member);
				return member;
			}, TestOptions.with(policy).toBuilder().explicitReady(true).build());
		});
	}

	/**
	 * Plays the whole story.
	 * @return what happened at the start and at each action
	 */
	List<String> play() {
		List<String> answers = new ArrayList<>();
		this.broker.listenAndServe();
		Waiting.until(this::isComplete);
		answers.add(takeEvents());
		for (String action : this.story.actions()) {
			int colon = action.indexOf(':');
			act(action.substring(0, colon), action.substring(colon + 1));
			answers.add(takeEvents());
		}
		return answers;
	}

	private void act(String what, String id) {
		long before = this.broker.endpoint(id).incarnation();
		switch (what) {
			case "crash" -> {
				member(id).crash();
				Waiting.until(() -> this.broker.endpoint(id).incarnation() > before && isComplete());
			}
			case "return" -> {
				member(id).finish();
				Waiting.until(() -> this.broker.endpoint(id).incarnation() > before && isComplete());
			}
			case "finish" -> {
				member(id).finish();
				this.resting.add(id);
				Waiting.untilState(this.broker, id, EndpointState.FINISHED);
			}
			case "terminate" -> {
				this.broker.stop(id);
				this.resting.add(id);
				Waiting.untilState(this.broker, id, EndpointState.STOPPED);
			}
			case "restart" -> {
				this.broker.start(id);
				this.resting.remove(id);
				Waiting.until(this::isComplete);
			}
			case "drop" -> {
				member(id).crash();
				Waiting.until(() -> this.broker.endpoints()
					.stream()
					.allMatch((each) -> each
						.state() == (each.id().equals(id) ? EndpointState.DROPPED : EndpointState.WAITING)));
			}
			case "again" -> {
				this.broker.start(id);
				Waiting.until(this::isComplete);
			}
			default -> throw new IllegalArgumentException(what);
		}
	}

	/** Nobody starts before all who must end have ended, so nothing more will happen. */
	private boolean isComplete() {
		return this.broker.endpoints()
			.stream()
			.allMatch((each) -> each.state() == EndpointState.SERVING || this.resting.contains(each.id()));
	}

	Broker broker() {
		return this.broker;
	}

	Member member(String id) {
		return Objects.requireNonNull(this.members.get(id));
	}

	void note(String event) {
		synchronized (this.events) {
			this.events.add(event);
		}
	}

	private String takeEvents() {
		synchronized (this.events) {
			String all = String.join(", ", this.events);
			this.events.clear();
			return all;
		}
	}

	@Override
	public void close() {
		this.broker.close();
	}

	/** Makes an incarnation of a member. */
	interface MemberFactory {

		Member create(OtpGroup group, EndpointContext context) throws Exception;

	}

	/** What a story can do to an incarnation. */
	interface Member extends Endpoint {

		void crash();

		void finish();

	}

	/**
	 * A member that does nothing but serve.
	 */
	static final class Idle extends Puppet implements Member {

		private final OtpGroup group;

		private final EndpointContext context;

		private volatile boolean ended;

		Idle(OtpGroup group, EndpointContext context) {
			this.group = group;
			this.context = context;
		}

		@Override
		public void listenAndServe() throws Exception {
			this.group.note("start " + this.context.id());
			this.context.ready();
			try {
				super.listenAndServe();
			}
			finally {
				this.ended = true;
			}
		}

		@Override
		public void crash() {
			super.crash();
		}

		@Override
		public void finish() {
			super.finish();
		}

		/** After a crash or a return nothing is stopped. */
		@Override
		public void close() throws Exception {
			if (!this.ended) {
				this.group.note("stop " + this.context.id());
			}
			super.close();
		}

	}

}
