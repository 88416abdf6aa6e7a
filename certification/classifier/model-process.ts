import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PerimeterError } from '../perimeter-error.ts';
import type {
  CountReply,
  CountRequest,
  ModelSetup,
  ProbeReply,
  ReplyMessage,
  RequestMessage,
} from './model-process-messages.ts';

/** A child process that holds one session of the model. It answers one request after another. */
export interface ModelProcess {
  readonly probe: ProbeReply;
  readonly pid: number;
  /** Draws and classifies samples. @throws PerimeterError `ModelProcessFailed` where the process died or the run failed. */
  count(request: CountRequest): Promise<CountReply>;
  /** False from the moment that the process has ended. */
  readonly alive: boolean;
  close(): Promise<void>;
}

/** Ends with this process, even by a signal that leaves no time: the child leaves when its channel closes. */
function forkModelProcess(): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  const main = new URL(`./model-process-main.${source ? 'ts' : 'js'}`, import.meta.url);
  const loader = source ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  return fork(fileURLToPath(main), [], { serialization: 'advanced', execArgv: loader });
}

/**
 * Starts a model process and loads the fused model into it.
 *
 * @throws PerimeterError `InvalidModel` where the runtime refuses the model, `ModelProcessFailed` where the process dies.
 */
export async function startModelProcess(setup: ModelSetup): Promise<ModelProcess> {
  const child = forkModelProcess();
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 0;
  let ended: PerimeterError | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = new PerimeterError(
        'ModelProcessFailed',
        `The model's process ended with ${signal === null ? `exit code ${code ?? 0}` : signal}; it is started again for the next task.`,
      );
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
      resolve();
    });
  });
  child.on('error', () => child.kill('SIGKILL'));
  child.on('message', (message: ReplyMessage) => {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) asked?.resolve(message.value as never);
    else asked?.reject(new PerimeterError('ModelProcessFailed', message.message));
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
    const died = ended !== undefined;
    await close();
    if (died || !(error instanceof PerimeterError)) throw error;
    throw new PerimeterError('InvalidModel', `ONNX Runtime refuses the model: ${error.message}`, { cause: error });
  }
  return {
    probe,
    pid: child.pid ?? 0,
    count: (request) => ask<CountReply>({ id: nextId++, type: 'count', request }),
    get alive() {
      return ended === undefined;
    },
    close,
  };
}
