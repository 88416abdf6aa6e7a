import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation, SpanKind, SpanStatusCode, trace, TraceFlags, type Attributes } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { hrTimeDuration, millisToHrTime, setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { WorkflowSpan } from '../workflows/trace-interceptors.ts';

/** A collector that is away may not hold up the end of a command or a worker for longer. */
const SHUTDOWN_TIMEOUT_MS = 3_000;
const SCOPE = { name: 'perimeter' };

export interface Tracing {
  readonly clientInterceptors: WorkflowClientInterceptor[];
  readonly activityInterceptors: ActivityInterceptorsFactory[];
  exportWorkflow(span: WorkflowSpan): void;
  inSpan<T>(name: string, attributes: Attributes, body: () => Promise<T>): Promise<T>;
  shutdown(): Promise<void>;
}

/**
 * Starts OpenTelemetry in this process, as the standard variables say (OTEL_EXPORTER_OTLP_…, OTEL_SERVICE_NAME, …).
 *
 * @param onFault is told why spans could not be sent.
 */
export function startTracing(onFault: (reason: string) => void): Tracing {
  setGlobalErrorHandler((error) => {
    onFault(typeof error === 'string' ? error : (error.message ?? 'no reason was given'));
  });
  const resource = Resource.default()
    .merge(new Resource({ 'service.name': 'perimeter' }))
    .merge(detectResourcesSync({ detectors: [envDetectorSync] }));
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({
    contextManager: new AsyncLocalStorageContextManager().enable(),
    propagator: new W3CTraceContextPropagator(),
  });
  const client = new OpenTelemetryWorkflowClientInterceptor();
  return {
    clientInterceptors: [
      // Not its queries and descriptions: following a run asks every second, for hours.
      {
        startWithDetails: client.startWithDetails.bind(client),
        startUpdate: client.startUpdate.bind(client),
        cancel: client.cancel.bind(client),
      },
    ],
    activityInterceptors: [
      (activity) => ({
        inbound: new OpenTelemetryActivityInboundInterceptor(activity),
        outbound: new OpenTelemetryActivityOutboundInterceptor(activity),
      }),
    ],
    exportWorkflow: (span) => {
      if ((span.flags & TraceFlags.SAMPLED) !== 0) processor.onEnd(readableSpan(span, provider.resource));
    },
    inSpan: (name, attributes, body) =>
      trace.getTracer(SCOPE.name).startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await body();
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          span.setStatus({ code: SpanStatusCode.ERROR, message });
          throw error;
        } finally {
          span.end();
        }
      }),
    shutdown: async () => {
      const sent = provider.shutdown().then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const late = sleep(SHUTDOWN_TIMEOUT_MS, `nothing took them within ${SHUTDOWN_TIMEOUT_MS / 1_000} s`, {
        ref: false,
      });
      const fault = await Promise.race([sent, late]);
      if (fault !== undefined) onFault(fault);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

type ReadableSpan = Parameters<BatchSpanProcessor['onEnd']>[0];

/** A workflow's span: it may begin in one process and end in another, so no tracer of this one began it. */
function readableSpan(span: WorkflowSpan, resource: ReadableSpan['resource']): ReadableSpan {
  const { name, traceId, spanId, parentSpanId, flags, startMs, endMs, workflowId, runId, error } = span;
  const startTime = millisToHrTime(startMs);
  const endTime = millisToHrTime(endMs);
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ traceId, spanId, traceFlags: flags }),
    parentSpanId,
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    status: error === undefined ? { code: SpanStatusCode.OK } : { code: SpanStatusCode.ERROR, message: error },
    attributes: { temporalWorkflowId: workflowId, run_id: runId },
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationLibrary: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
