import {
  ContinueAsNew,
  defaultPayloadConverter,
  proxySinks,
  workflowInfo,
  type Headers,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow';

/** The header that the SDK's OpenTelemetry interceptors carry a trace in, as a W3C trace context. */
const TRACE_HEADER = '_tracer-data';

/** A workflow execution's span, as it is passed out of the sandbox when the execution ends. */
export interface WorkflowSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly flags: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly workflowId: string;
  readonly runId: string;
  /** Why it failed. */
  readonly error?: string;
}

export interface TraceSinks extends Sinks {
  traces: { ended(span: WorkflowSpan): void };
}

interface Trace {
  readonly traceId: string;
  readonly parentSpanId: string;
  readonly flags: string;
}

const { traces } = proxySinks<TraceSinks>();

/**
 * Carries a trace from whoever started a workflow to its activities and children, as a span of its own between them.
 *
 * Every call is passed on as it is, in the same turn, with one header more: a history is replayed alike with tracing
 * and without. (The SDK's own workflow interceptors await in between, and so may change the order of commands.)
 */
export function interceptors(): WorkflowInterceptors {
  let carried: Headers = {};
  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => ({
    ...input,
    headers: { ...input.headers, ...carried },
  });
  return {
    inbound: [
      {
        execute: (input, next) => {
          const trace = traceOf(input.headers);
          if (trace === undefined) return next(input);
          const traceparent = `00-${trace.traceId}-${ownSpanId()}-${trace.flags}`;
          carried = { [TRACE_HEADER]: defaultPayloadConverter.toPayload({ traceparent }) };
          const result = next(input);
          result.then(
            () => {
              end(trace);
            },
            (error: unknown) => {
              end(trace, error);
            },
          );
          return result;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        startChildWorkflowExecution: (input, next) => next(withTrace(input)),
        continueAsNew: (input, next) => next(withTrace(input)),
      },
    ],
  };
}

/** Deterministic, and another for every execution: the half of the run id that is random in every version of UUID. */
function ownSpanId(): string {
  return workflowInfo().runId.replaceAll('-', '').slice(-16);
}

/** The W3C trace context in the headers (https://www.w3.org/TR/trace-context/#traceparent-header). */
function traceOf(headers: Headers): Trace | undefined {
  const payload = headers[TRACE_HEADER] as Headers[string] | undefined;
  const carrier = payload && defaultPayloadConverter.fromPayload<{ traceparent?: string }>(payload);
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(carrier?.traceparent ?? '');
  return match ? { traceId: match[1], parentSpanId: match[2], flags: match[3] } : undefined;
}

function end({ traceId, parentSpanId, flags }: Trace, error?: unknown) {
  const { workflowType, workflowId, runId, startTime } = workflowInfo();
  const failed = error !== undefined && !(error instanceof ContinueAsNew);
  traces.ended({
    name: `RunWorkflow:${workflowType}`,
    traceId,
    spanId: ownSpanId(),
    parentSpanId,
    flags: Number.parseInt(flags, 16),
    startMs: startTime.getTime(),
    endMs: Date.now(),
    workflowId,
    runId,
    ...(failed && { error: error instanceof Error ? error.message : 'it failed' }),
  });
}
