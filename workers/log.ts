import { DefaultLogger, type LogEntry, type LogLevel, type Logger } from '@temporalio/worker';

export type LogFormat = 'json' | 'text';

type Fields = Record<string, unknown>;

/** Of a line's attributes these are left out: they say what others say, or are of use to the SDK's authors alone. */
const LEFT_OUT = ['sdkComponent', 'isLocal', 'taskToken', 'workflowExecution'];

/** Text where a person reads along. */
export function defaultLogFormat(): LogFormat {
  return process.stderr.isTTY ? 'text' : 'json';
}

/** A logger to standard error: a line of words, or one JSON object a line. */
export function createLogger(level: LogLevel, format: LogFormat): Logger {
  const toLine = format === 'json' ? jsonLine : textLine;
  return new DefaultLogger(level, (entry) => process.stderr.write(`${toLine(entry)}\n`));
}

/** An entry as one JSON object: `time`, `level` and `message`, then what it is about. */
export function jsonLine({ level, message, timestampNanos, meta }: LogEntry): string {
  const time = timeOf(timestampNanos);
  return JSON.stringify({ time, level, message, ...fieldsOf(meta ?? {}) }, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value instanceof Error ? errorFields(value) : value,
  );
}

/** An entry for a terminal: the same, in words. */
export function textLine({ level, message, timestampNanos, meta }: LogEntry): string {
  const { error, ...fields } = fieldsOf(meta ?? {});
  const words = Object.entries(fields).map(([name, value]) => ` ${name}=${inWords(value)}`);
  const head = `${timeOf(timestampNanos)} ${level.padEnd(5)} ${message}${words.join('')}`;
  if (error === undefined) return head;
  return error instanceof Error ? `${head}\n  ${error.stack ?? error.message}` : `${head} error=${inWords(error)}`;
}

function timeOf(nanos: bigint): string {
  return new Date(Number(nanos / 1_000_000n)).toISOString();
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
  if (value instanceof Error) return JSON.stringify(value.message);
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

/** The SDK's attributes under the names of Perimeter's lines: run first, whatever part of it the line is about. */
function fieldsOf(meta: Fields): Fields {
  const { activityType, workflowType, workflowId, workflow_id: coreWorkflowId, ...rest } = meta;
  const id = workflowId ?? coreWorkflowId ?? executionId(meta.workflowExecution);
  const run = rest.run ?? runOf(id);
  for (const name of LEFT_OUT) Reflect.deleteProperty(rest, name);
  return {
    ...(run !== undefined && { run }),
    ...(rest.shard !== undefined && { shard: rest.shard }),
    ...(activityType !== undefined && { activity: activityType }),
    ...(rest.attempt !== undefined && { attempt: rest.attempt }),
    ...(workflowType !== undefined && { workflow: workflowType }),
    ...(id !== undefined && { workflowId: id }),
    ...rest,
  };
}

function executionId(execution: unknown): unknown {
  return (execution as { workflowId?: unknown } | undefined)?.workflowId;
}

/** The run that a workflow is of: certify/RUN, certify/RUN/range-N. */
function runOf(workflowId: unknown): string | undefined {
  return typeof workflowId === 'string' ? /^certify\/([^/]+)/.exec(workflowId)?.[1] : undefined;
}

/** An error's words alone: what else libraries hang on one may hold requests with credentials in them. */
function errorFields(error: Error & { type?: unknown; code?: unknown }): Fields {
  const type = error.type ?? error.code ?? error.name;
  return { type, message: error.message, stack: error.stack };
}
