package dev.cider.broker.spring.actuate;

import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.EndpointView;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * One endpoint as an operator sees it: in short form, or with its policy, options and
 * history. The JSON omits what is {@code null}.
 *
 * @param state the state of the endpoint
 * @param health {@link EndpointHealth#DOWN} while it makes health down, else {@code null}
 * @param since when it entered this state
 * @param incarnation the number of the latest incarnation
 * @param starts how many incarnations were launched
 * @param restarts how many of them were restarts
 * @param crashes how often it crashed
 * @param drops how often it was dropped
 * @param consecutiveErrors errors in a row so far
 * @param abandoned how many abandoned incarnations are still alive
 * @param nextStart when it will be started again
 * @param waitingFor what it waits for before it goes on, in words
 * @param lastDecision the broker's decision at its latest exit
 * @param lastCrash its latest crash
 * @param policy its restart policy, not in short form
 * @param options its options, not in short form
 * @param history its latest crashes, newest first, not in short form
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EndpointDescriptor(EndpointState state, @Nullable EndpointHealth health, Instant since, long incarnation,
		long starts, long restarts, long crashes, long drops, int consecutiveErrors, int abandoned,
		@Nullable Instant nextStart, @Nullable String waitingFor, @Nullable String lastDecision,
		@Nullable CrashDescriptor lastCrash, @Nullable PolicyDescriptor policy, @Nullable OptionsDescriptor options,
		@Nullable List<CrashDescriptor> history) implements OperationResponseBody {

	static EndpointDescriptor brief(EndpointSnapshot snapshot, @Nullable EndpointSettings settings,
			boolean showMessages) {
		return of(snapshot, settings, null, null, null, showMessages);
	}

	static EndpointDescriptor full(EndpointView view, EndpointOptions options, DropEffect dropEffect,
			@Nullable EndpointSettings settings, boolean showMessages) {
		return of(view.snapshot(), settings, PolicyDescriptor.of(options.restartPolicy()),
				OptionsDescriptor.of(view.snapshot().id(), options, dropEffect, settings),
				view.history().stream().map((crash) -> CrashDescriptor.of(crash, showMessages)).toList(), showMessages);
	}

	private static EndpointDescriptor of(EndpointSnapshot snapshot, @Nullable EndpointSettings settings,
			@Nullable PolicyDescriptor policy, @Nullable OptionsDescriptor options,
			@Nullable List<CrashDescriptor> history, boolean showMessages) {
		String lastDecision = (snapshot.lastDecision() != null) ? snapshot.lastDecision().explanation() : null;
		CrashDescriptor lastCrash = (snapshot.lastCrash() != null)
				? CrashDescriptor.of(snapshot.lastCrash(), showMessages) : null;
		EndpointHealth health = (settings != null && settings.isDown(snapshot)) ? EndpointHealth.DOWN : null;
		return new EndpointDescriptor(snapshot.state(), health, snapshot.since(), snapshot.incarnation(),
				snapshot.starts(), snapshot.restarts(), snapshot.crashes(), snapshot.drops(),
				snapshot.consecutiveErrors(), snapshot.abandoned(), snapshot.nextStart(), snapshot.waitingFor(),
				lastDecision, lastCrash, policy, options, history);
	}

}
