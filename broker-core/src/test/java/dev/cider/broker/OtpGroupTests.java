package dev.cider.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Groups against OTP, whose supervisors they follow: who is stopped and started, and in
 * which order. G27.
 */
class OtpGroupTests {

	private static final long SEED = Long.getLong("broker.seed", new SplittableRandom().nextLong());

	private static final int RANDOM_STORIES = 100;

	@Test
	void g27AGroupDoesWhatOtpDoesInEachStory() throws Exception {
		List<OtpStory> stories = new ArrayList<>(everyCrash());
		stories.addAll(everyDrop());
		SplittableRandom random = new SplittableRandom(SEED);
		for (int i = 0; i < RANDOM_STORIES; i++) {
			stories.add(anyStory(random));
		}
		List<List<String>> answers = OtpStory.playedByOtp(stories);
		for (int i = 0; i < stories.size(); i++) {
			try (OtpGroup group = new OtpGroup(stories.get(i), OtpGroup.Idle::new)) {
				assertThat(group.play()).as("%s, seed %d", stories.get(i), SEED).isEqualTo(answers.get(i));
			}
		}
		System.out.printf("OtpGroupTests: seed %d: %d stories as OTP plays them%n", SEED, stories.size());
	}

	/** Of each member, and then of each member again. */
	private static List<OtpStory> everyCrash() {
		List<OtpStory> stories = new ArrayList<>();
		for (GroupStrategy strategy : GroupStrategy.values()) {
			for (int members = 3; members <= 5; members++) {
				Set<String> names = OtpStory.named(members, OtpStory.Type.PERMANENT).keySet();
				for (String first : names) {
					for (String second : names) {
						stories.add(OtpStory.of(strategy, members, OtpStory.Type.PERMANENT, "crash:" + first,
								"crash:" + second));
					}
				}
			}
		}
		return stories;
	}

	private static List<OtpStory> everyDrop() {
		List<OtpStory> stories = new ArrayList<>();
		for (GroupStrategy strategy : GroupStrategy.values()) {
			Map<String, OtpStory.Type> members = OtpStory.named(4, OtpStory.Type.PERMANENT);
			for (String dropped : members.keySet()) {
				stories.add(new OtpStory(strategy, true, members, List.of("drop:" + dropped, "again:" + dropped)));
			}
		}
		return stories;
	}

	/**
	 * With children of both types, which crash, return, are terminated and restarted. OTP
	 * also starts those children again that were terminated or have finished, if another
	 * one's crash restarts them too; a group does not, so no story has that.
	 */
	private static OtpStory anyStory(SplittableRandom random) {
		GroupStrategy strategy = GroupStrategy.values()[random.nextInt(3)];
		Map<String, OtpStory.Type> members = OtpStory.named(random.nextInt(3, 6), OtpStory.Type.PERMANENT);
		members.replaceAll((name, type) -> OtpStory.Type.values()[random.nextInt(2)]);
		List<String> names = List.copyOf(members.keySet());
		Set<String> resting = new HashSet<>();
		List<String> actions = new ArrayList<>();
		for (int i = random.nextInt(1, 8); i > 0; i--) {
			String name = names.get(random.nextInt(names.size()));
			if (resting.remove(name)) {
				actions.add("restart:" + name);
				continue;
			}
			boolean mayFail = resting.stream().noneMatch((other) -> takesAlong(strategy, name, other));
			switch (random.nextInt(3)) {
				case 0 -> {
					resting.add(name);
					actions.add("terminate:" + name);
				}
				case 1 -> {
					boolean finishes = members.get(name) == OtpStory.Type.TRANSIENT;
					if (finishes) {
						resting.add(name);
					}
					if (finishes || mayFail) {
						actions.add((finishes ? "finish:" : "return:") + name);
					}
				}
				default -> {
					if (mayFail) {
						actions.add("crash:" + name);
					}
				}
			}
		}
		return new OtpStory(strategy, false, members, actions);
	}

	private static boolean takesAlong(GroupStrategy strategy, String failed, String other) {
		return switch (strategy) {
			case ONE_FOR_ONE -> false;
			case REST_FOR_ONE -> other.compareTo(failed) > 0;
			case ONE_FOR_ALL -> true;
		};
	}

	@Test
	void g27ItDoesSoWithServersOnRealPorts() throws Exception {
		List<OtpStory> stories = new ArrayList<>();
		for (GroupStrategy strategy : GroupStrategy.values()) {
			for (String name : List.of("a", "b", "c", "d")) {
				stories.add(OtpStory.of(strategy, 4, OtpStory.Type.PERMANENT, "crash:" + name));
			}
			stories.add(OtpStory.of(strategy, 4, OtpStory.Type.PERMANENT, "terminate:b", "crash:c"));
			stories.add(OtpStory.of(strategy, 4, OtpStory.Type.PERMANENT, "terminate:b", "restart:b", "crash:c"));
		}
		List<List<String>> answers = OtpStory.playedByOtp(stories);
		StringBuilder table = new StringBuilder();
		for (int i = 0; i < stories.size(); i++) {
			OtpStory story = stories.get(i);
			Ports ports = new Ports();
			List<String> seen;
			try (OtpGroup group = new OtpGroup(story, ports::member)) {
				seen = group.play();
				ports.checkWhoAnswers(group);
			}
			boolean startsWhatWasStopped = story.strategy() == GroupStrategy.ONE_FOR_ALL
					&& story.actions().equals(List.of("terminate:b", "crash:c"));
			List<String> expected = new ArrayList<>(answers.get(i));
			if (startsWhatWasStopped) {
				assertThat(expected.get(2)).contains("start b, ");
				expected.set(2, expected.get(2).replace("start b, ", ""));
			}
			assertThat(seen).as("%s", story).isEqualTo(expected);
			table.append(String.format("%-12s | %-32s | %-72s | %s%n", story.strategy(),
					String.join(", ", story.actions()), String.join(" / ", seen.subList(1, seen.size())),
					startsWhatWasStopped ? "OTP also starts b, which was stopped" : "as OTP"));
		}
		System.out.print(table);
	}

	/**
	 * The ports of the members. A member that starts calls all that are before it, as a
	 * client of theirs would, and crashes if one does not answer.
	 */
	private static final class Ports {

		private final Map<String, Integer> ports = new ConcurrentHashMap<>();

		/** Those of earlier incarnations. */
		private final Set<Integer> left = ConcurrentHashMap.newKeySet();

		OtpGroup.Member member(OtpGroup group, EndpointContext context) {
			return new Server(group, context, this);
		}

		void checkWhoAnswers(OtpGroup group) throws IOException {
			for (EndpointSnapshot shown : group.broker().endpoints()) {
				int port = this.ports.get(shown.id());
				if (shown.state() == EndpointState.SERVING) {
					assertThat(call(port, "hello")).isEqualTo(shown.id() + " " + shown.incarnation());
				}
				else {
					assertThatExceptionOfType(IOException.class).isThrownBy(() -> call(port, "hello"));
				}
			}
			this.left.removeAll(this.ports.values());
			for (int port : this.left) {
				assertThatExceptionOfType(IOException.class).isThrownBy(() -> call(port, "hello"));
			}
		}

		private static @Nullable String call(int port, String words) throws IOException {
			try (Socket socket = new Socket()) {
				socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
				socket.getOutputStream().write((words + "\n").getBytes(StandardCharsets.UTF_8));
				return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
					.readLine();
			}
		}

	}

	/**
	 * A server that says who it is, and crashes or returns when it is told so from
	 * outside.
	 */
	private static final class Server implements OtpGroup.Member {

		private final OtpGroup group;

		private final EndpointContext context;

		private final Ports ports;

		private volatile @Nullable ServerSocket socket;

		private volatile boolean ended;

		Server(OtpGroup group, EndpointContext context, Ports ports) {
			this.group = group;
			this.context = context;
			this.ports = ports;
		}

		@Override
		public void listenAndServe() throws Exception {
			try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
				this.socket = listening;
				for (EndpointSnapshot other : this.group.broker().endpoints()) {
					if (other.id().compareTo(this.context.id()) < 0 && other.state() != EndpointState.STOPPED) {
						Ports.call(this.ports.ports.get(other.id()), "hello");
					}
				}
				Integer last = this.ports.ports.put(this.context.id(), listening.getLocalPort());
				if (last != null) {
					this.ports.left.add(last);
				}
				this.group.note("start " + this.context.id());
				this.context.ready();
				while (!answer(listening)) {
					// The next client.
				}
			}
			catch (IOException closed) {
				if (!this.context.closing()) {
					throw closed;
				}
			}
			finally {
				this.ended = true;
			}
		}

		private boolean answer(ServerSocket listening) throws IOException {
			try (Socket client = listening.accept()) {
				String words = new BufferedReader(
						new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))
					.readLine();
				if ("crash".equals(words)) {
					throw new IllegalStateException("told to crash");
				}
				client.getOutputStream()
					.write((this.context.id() + " " + this.context.incarnation() + "\n")
						.getBytes(StandardCharsets.UTF_8));
				return "return".equals(words);
			}
		}

		@Override
		public void close() throws IOException {
			if (!this.ended) {
				this.group.note("stop " + this.context.id());
			}
			ServerSocket listening = this.socket;
			if (listening != null) {
				listening.close();
			}
		}

		@Override
		public void crash() {
			tell("crash");
		}

		@Override
		public void finish() {
			tell("return");
		}

		private void tell(String words) {
			try {
				Ports.call(this.ports.ports.get(this.context.id()), words);
			}
			catch (IOException cutOff) {
				// It crashes while it has this client.
			}
		}

	}

}
