package dev.cider.broker.spring.observation;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;

/**
 * Makes a span of an observation of an endpoint, with the times of the events. An
 * {@link Observation} has no time of its own: the handler of Micrometer Tracing begins
 * and ends a span when it is called, which is when a monitor was told. So this handler
 * comes before that one, and handles what it supports alone.
 */
public class EndpointTracingHandler implements TracingObservationHandler<EndpointObservationContext> {

	private final Tracer tracer;

	/**
	 * A new handler.
	 * @param tracer makes the spans
	 */
	public EndpointTracingHandler(Tracer tracer) {
		this.tracer = tracer;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof EndpointObservationContext;
	}

	@Override
	public void onStart(EndpointObservationContext context) {
		Span.Builder builder = this.tracer.spanBuilder();
		Span parent = getParentSpan(context);
		if (parent != null) {
			builder.setParent(parent.context());
		}
		else {
			builder.setNoParent();
		}
		builder.name(getSpanName(context));
		Span span = builder.startTimestamp(sinceEpoch(context.began()), TimeUnit.NANOSECONDS).start();
		getTracingContext(context).setSpan(span);
	}

	@Override
	public void onEvent(Observation.Event event, EndpointObservationContext context) {
		if (event instanceof EndpointEvent dated) {
			getRequiredSpan(context).event(dated.getContextualName(), sinceEpoch(dated.at()), TimeUnit.NANOSECONDS);
		}
		else {
			TracingObservationHandler.super.onEvent(event, context);
		}
	}

	@Override
	public void onStop(EndpointObservationContext context) {
		Span span = getRequiredSpan(context);
		span.name(getSpanName(context));
		tagSpan(context, span);
		getTracingContext(context).close();
		Instant ended = context.ended();
		if (ended != null) {
			span.end(sinceEpoch(ended), TimeUnit.NANOSECONDS);
		}
		else {
			span.end();
		}
	}

	/** Enough until the year 2262. */
	private static long sinceEpoch(Instant moment) {
		return TimeUnit.SECONDS.toNanos(moment.getEpochSecond()) + moment.getNano();
	}

	@Override
	public Tracer getTracer() {
		return this.tracer;
	}

}
