package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What monitors are told, and that they can harm nobody: G9, G11 and the mailboxes of
 * G13.
 */
class MonitorTests {

	private static final EndpointOptions AT_ONCE = TestOptions.restartAtOnce();

	private final Broker broker = Broker.create();

	private final Puppets puppets = new Puppets();

	private final RecordingMonitor monitor = new RecordingMonitor();

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	private void serve() {
		this.broker.registerEndpointFactory("tcp", this.puppets, AT_ONCE);
		this.broker.monitor(this.monitor);
		this.broker.listenAndServe();
	}

	@Test
	void g13AMonitorIsToldEverythingInOrderAndTheEndLast() {
		serve();
		this.puppets.next().crash();
		this.puppets.next();
		this.broker.close();
		Waiting.on(this.monitor.terminated);
		assertThat(this.monitor.statesOf("tcp")).containsExactly(EndpointState.STARTING, EndpointState.SERVING,
				EndpointState.CLOSING, EndpointState.STARTING, EndpointState.SERVING, EndpointState.CLOSING,
				EndpointState.STOPPED);
		assertThat(this.monitor.told.get(2)).isInstanceOf(EndpointCrashReport.class);
		assertThat(this.monitor.told).last().isInstanceOf(Termination.class);
		assertThat(this.monitor.told).filteredOn(Termination.class::isInstance).hasSize(1);
	}

	@Test
	void g13ChangesJoinUpWithoutAGap() {
		serve();
		for (int i = 0; i < 20; i++) {
			this.puppets.next().crash();
		}
		this.puppets.next();
		this.broker.close();
		Waiting.on(this.monitor.terminated);
		List<EndpointChange> changes = this.monitor.told.stream()
			.filter(EndpointChange.class::isInstance)
			.map(EndpointChange.class::cast)
			.toList();
		for (int i = 1; i < changes.size(); i++) {
			assertThat(changes.get(i).from()).isEqualTo(changes.get(i - 1).to());
		}
	}

	@Test
	void g11NothingIsToldAfterTheEndNotEvenTheLateEndOfAnAbandonedOne() {
		for (int i = 0; i < 200; i++) {
			Broker shortLived = Broker.create();
			Puppets deaf = new Puppets(Puppet.Deaf::new);
			RecordingMonitor own = new RecordingMonitor();
			EndpointOptions impatient = EndpointOptions.builder().closeTimeout(Duration.ofNanos(1)).build();
			shortLived.registerEndpointFactory("a", deaf, impatient);
			shortLived.registerEndpointFactory("b", deaf, impatient);
			shortLived.monitor(own);
			shortLived.listenAndServe();
			Puppet.Deaf first = (Puppet.Deaf) deaf.next();
			Puppet.Deaf second = (Puppet.Deaf) deaf.next();
			shortLived.terminate();
			first.letGo();
			second.letGo();
			Waiting.on(own.terminated);
			assertThat(own.told).last().isInstanceOf(Termination.class);
		}
	}

	@Test
	void g9AMonitorThatHangsDelaysNeitherEndpointsNorOtherMonitorsNorTheEnd() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		this.broker.monitor((report) -> Waiting.on(release));
		serve();
		this.puppets.next().crash();
		this.puppets.next().crash();
		this.puppets.next();
		this.monitor.nextCrash();
		this.monitor.nextCrash();
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		release.countDown();
	}

	@Test
	void g13AMonitorThatThrowsIsToldOfWhatComesNext() {
		List<Object> told = new CopyOnWriteArrayList<>();
		this.broker.monitor((report) -> {
			told.add(report);
			throw new LinkageError("broken monitor");
		});
		serve();
		this.puppets.next().crash();
		this.puppets.next().crash();
		this.puppets.next();
		Waiting.until(() -> told.size() == 2);
	}

	@Test
	void g13AMonitorThatInterruptsItselfIsToldOfWhatComesNext() {
		List<Object> told = new CopyOnWriteArrayList<>();
		this.broker.monitor((report) -> {
			told.add(report);
			Thread.currentThread().interrupt();
		});
		serve();
		this.puppets.next().crash();
		this.puppets.next().crash();
		this.puppets.next();
		Waiting.until(() -> told.size() == 2);
	}

	@Test
	void g12SnapshotAndHistoryShowACrashBeforeItIsTold() {
		AtomicReference<Long> crashesSeen = new AtomicReference<>();
		AtomicReference<Integer> historySeen = new AtomicReference<>();
		this.broker.monitor((report) -> {
			crashesSeen.set(this.broker.endpoint("tcp").crashes());
			historySeen.set(this.broker.history("tcp").size());
		});
		serve();
		this.puppets.next().crash();
		Waiting.until(() -> historySeen.get() != null);
		assertThat(crashesSeen).hasValue(1L);
		assertThat(historySeen).hasValue(1);
	}

	@Test
	void g13AMonitorMayCallBackIntoTheBroker() {
		CountDownLatch startedAgain = new CountDownLatch(1);
		this.broker.monitor(new BrokerMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
				MonitorTests.this.broker.stop(report.factoryId());
			}

			@Override
			public void changed(EndpointChange change) {
				if (change.to().state() == EndpointState.STOPPED
						&& MonitorTests.this.broker.state() == BrokerState.SERVING) {
					MonitorTests.this.broker.start(change.to().id());
					startedAgain.countDown();
				}
			}
		});
		serve();
		this.puppets.next().crash();
		Waiting.on(startedAgain);
		// The stop may hit the second incarnation before it serves: then a third one
		// does.
		Waiting.until(() -> this.broker.endpoint("tcp").incarnation() >= 2
				&& this.broker.endpoint("tcp").state() == EndpointState.SERVING);
	}

	@Test
	void g13EachMonitorHasAThreadOfItsOwn() {
		List<String> threads = new CopyOnWriteArrayList<>();
		for (int i = 0; i < 2; i++) {
			this.broker.monitor((report) -> threads.add(Thread.currentThread().getName()));
		}
		serve();
		this.puppets.next().crash();
		this.puppets.next();
		Waiting.until(() -> threads.size() == 2);
		assertThat(threads).containsExactlyInAnyOrder("broker-monitor-2", "broker-monitor-3");
	}

}
