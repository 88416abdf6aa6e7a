import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CudaArithmetic } from '../certification/classifier/process/cuda/cuda-arithmetic.ts';
import type { Device } from '../certification/records/device.ts';

/** A model that a process is to run, as it is. */
export interface BareSetup {
  readonly model: Uint8Array;
  /** Its float32 input, which is fed the same values each time; none where the model takes none. */
  readonly input?: { readonly name: string; readonly dims: readonly number[] };
  readonly output: string;
  readonly threads: number;
  readonly device: Device;
  /** There where input and output stay on the device, by ONNX Runtime's C API; with the arithmetic of a CUDA one. */
  readonly onDevice?: { readonly arithmetic: CudaArithmetic | undefined };
}

export type BareRequest = BareSetup | { readonly milliseconds: number };
export type BareAnswer = { readonly value: string | number } | { readonly error: string };

export interface BareModel {
  readonly pid: number | undefined;
  /** The runtime's name and version. */
  readonly runtime: string;
  /** Runs a second, over so many milliseconds. */
  runsPerSecond(milliseconds: number): Promise<number>;
  close(): void;
}

/** Whether this Node runs TypeScript by itself, as it does from 22.18 on. */
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/**
 * Starts a process that holds the bare model, and runs it once.
 *
 * @param env what the process sees beside this one's environment
 * @throws Error where the runtime refuses the model or the device
 */
export async function startBareModel(setup: BareSetup, env: NodeJS.ProcessEnv = {}): Promise<BareModel> {
  const main = fileURLToPath(new URL('./bare-model-main.ts', import.meta.url));
  const child = fork(main, [], {
    serialization: 'advanced',
    execArgv: stripsTypes ? [] : ['--import', 'tsx'],
    env: { ...process.env, ...env },
  });
  const ask = (request: BareRequest) =>
    new Promise<string | number>((resolve, reject) => {
      const settle = (answer?: BareAnswer) => {
        child.off('message', settle).off('exit', ended);
        if (answer === undefined || 'error' in answer) reject(new Error(answer?.error ?? 'The bare model has ended.'));
        else resolve(answer.value);
      };
      const ended = () => {
        settle();
      };
      child.once('message', settle).once('exit', ended);
      if (child.connected) child.send(request);
      else settle();
    });
  const close = () => child.kill('SIGKILL');
  try {
    const runtime = String(await ask(setup));
    const runsPerSecond = async (milliseconds: number) => Number(await ask({ milliseconds }));
    return { pid: child.pid, runtime, runsPerSecond, close };
  } catch (error) {
    close();
    throw error;
  }
}
