import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { TraceSinks } from '../workflows/trace-interceptors.ts';
import type { Tracing } from './open-telemetry.ts';

let tracing: Promise<Tracing> | undefined;

/** Whether the standard variables name a place to send traces to. */
function isTracingOn({
  OTEL_EXPORTER_OTLP_ENDPOINT: all,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ofTraces,
  OTEL_SDK_DISABLED: disabled,
}: NodeJS.ProcessEnv): boolean {
  return disabled !== 'true' && Boolean(ofTraces ?? all);
}

/** This process's tracing, set up at the first call; undefined where it is off, and then nothing of it is loaded. */
async function loadTracing(onFault: (reason: string) => void = toStderr): Promise<Tracing | undefined> {
  if (!isTracingOn(process.env)) return undefined;
  tracing ??= import('./open-telemetry.ts').then(({ startTracing }) => startTracing(onFault));
  return tracing;
}

function toStderr(reason: string) {
  process.stderr.write(`perimeter: traces could not be sent: ${reason}\n`);
}

/** What a client needs for the workflows that it starts to be part of its trace. */
export async function clientTracing(): Promise<WorkflowClientInterceptor[]> {
  return (await loadTracing())?.clientInterceptors ?? [];
}

/**
 * What workers need for their activities and workflows to be part of the traces that those come with.
 *
 * @param onFault is told why traces could not be sent.
 */
export async function workerTracing(onFault: (reason: string) => void): Promise<{
  activityInterceptors: ActivityInterceptorsFactory[];
  sinks: InjectedSinks<TraceSinks>;
}> {
  const loaded = await loadTracing(onFault);
  return {
    activityInterceptors: loaded?.activityInterceptors ?? [],
    sinks: {
      traces: {
        ended: {
          fn: (_info, span) => {
            loaded?.exportWorkflow(span);
          },
        },
      },
    },
  };
}

/** Runs `body` in a span where tracing is on; what it throws is the span's error. */
export async function inSpan<T>(
  name: string,
  attributes: Readonly<Record<string, string>>,
  body: () => Promise<T>,
): Promise<T> {
  const loaded = await loadTracing();
  return loaded === undefined ? body() : loaded.inSpan(name, attributes, body);
}

/** Sends what spans are left; at the end of the process. */
export async function flushTracing(): Promise<void> {
  const loaded = await tracing;
  tracing = undefined;
  await loaded?.shutdown();
}
