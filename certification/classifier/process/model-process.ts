import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Built from '../../../bin/built.js';
import { PerimeterError } from '../../perimeter-error.ts';
import type {
  CountReply,
  CountRequest,
  ModelSetup,
  ProbeReply,
  ReplyMessage,
  RequestMessage,
} from './model-process-messages.ts';

/** A piece takes a fraction of a second; one that goes on for this long after it was to stop is stuck. */
const STUCK_MS = 10_000;

/** A child process that holds one session of the model. It answers one request after another. */
export interface ModelProcess {
  readonly probe: ProbeReply;
  readonly pid: number;
  /**
   * Draws and classifies samples. Where `signal` says stop, they are waited for, but not for ever.
   *
   * @throws PerimeterError `ModelProcessFailed` where the process died or the run failed.
   */
  count(request: CountRequest, signal?: AbortSignal): Promise<CountReply>;
  /** False from the moment that the process has ended. */
  readonly alive: boolean;
  close(): Promise<void>;
}

/** Ends with this process, even by a signal that leaves no time: the child leaves when its channel closes. */
async function forkModelProcess(): Promise<ChildProcess> {
  const { execArgv, file } = await toRun();
  return fork(file, [], { serialization: 'advanced', execArgv });
}

async function toRun(): Promise<{ execArgv: string[]; file: string }> {
  if (import.meta.url.endsWith('.js'))
    return { execArgv: [], file: fileURLToPath(new URL('./model-process-main.js', import.meta.url)) };
  const built = (await import(new URL('../../../bin/built.js', import.meta.url).href)) as typeof Built;
  return built.toRun('certification/classifier/process/model-process-main.ts');
}

/** An image for control workers leaves the runtime out. */
function requireRuntime() {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node');
  } catch (cause) {
    throw new PerimeterError(
      'MissingPart',
      "This installation has no ONNX Runtime and can't run a model: use one that has the package onnxruntime-node, as a sampler's image does.",
      { cause },
    );
  }
}

/**
 * Starts a model process and loads the fused model into it.
 *
 * @throws PerimeterError `InvalidModel` where the runtime refuses the model, `MissingPart` where there is no runtime,
 * `ModelProcessNotStarted` where anything else keeps it from being loaded.
 */
export async function startModelProcess(setup: ModelSetup): Promise<ModelProcess> {
  requireRuntime();
  const child = await forkModelProcess();
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 0;
  let ended: PerimeterError | undefined;
  let end: (sentence: string) => void = () => undefined;
  const exited = new Promise<void>((resolve) => {
    end = (sentence) => {
      ended = new PerimeterError('ModelProcessFailed', sentence);
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
      resolve();
    };
  });
  child.once('exit', (code, signal) => {
    end(`The model's process ended with ${signal ?? `exit code ${code ?? 0}`}; it is started again for the next task.`);
  });
  child.on('error', (error) => {
    // A process that never was has no exit.
    if (child.pid === undefined) end(`The model's process could not be started: ${error.message}.`);
    else child.kill('SIGKILL');
  });
  child.on('message', (message: ReplyMessage) => {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) asked?.resolve(message.value as never);
    else asked?.reject(new PerimeterError(message.code, message.message));
  });

  const ask = <T>(message: RequestMessage): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      waiting.set(message.id, { resolve, reject });
      child.send(message);
    });
  const close = async () => {
    child.kill('SIGKILL');
    await exited;
  };

  let probe: ProbeReply;
  try {
    probe = await ask<ProbeReply>({ id: nextId++, type: 'setup', setup });
  } catch (error) {
    await close();
    if (error instanceof PerimeterError && error.code === 'InvalidModel') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PerimeterError('ModelProcessNotStarted', `The model could not be loaded here and now: ${reason}`, {
      cause: error,
    });
  }
  return {
    probe,
    pid: child.pid ?? 0,
    count: async (request, signal) => {
      let timer: NodeJS.Timeout | undefined;
      const killLater = () => (timer = setTimeout(() => child.kill('SIGKILL'), STUCK_MS));
      signal?.addEventListener('abort', killLater);
      try {
        return await ask<CountReply>({ id: nextId++, type: 'count', request });
      } finally {
        signal?.removeEventListener('abort', killLater);
        clearTimeout(timer);
      }
    },
    get alive() {
      return ended === undefined;
    },
    close,
  };
}
