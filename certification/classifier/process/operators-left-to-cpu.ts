import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelSetup } from './model-process-messages.ts';
import { sessionOptions } from './session-options.ts';

/** How the runtime refuses a model that the device can't run whole; it doesn't say for which operator. */
const FALLBACK_REFUSED = /assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled/;

/** More names make no better sentence. */
const MOST_NAMED = 5;

/**
 * The sentence for a model with operators that the device has no kernel for. To find them, the model is run once on a batch of
 * zeros with the CPU's help, and the runtime's profile says where each operator ran.
 *
 * @param reason what ONNX Runtime said when it refused the model
 * @returns undefined where that was about something else
 */
export async function operatorsLeftToCpu(setup: ModelSetup, reason: string): Promise<string | undefined> {
  if (!FALLBACK_REFUSED.test(reason)) return undefined;
  const name = { cpu: 'CPU', cuda: 'CUDA', webgpu: 'WebGPU' }[setup.device.kind];
  const refused = `ONNX Runtime has no ${name} kernels for all of the model's operators`;
  // The sentence is worth having without the names, too.
  const found = await profiled(setup).catch(() => []);
  const operators = [...new Set(found)];
  if (operators.length === 0) return `${refused}.`;
  const more = operators.length > MOST_NAMED ? `, and ${operators.length - MOST_NAMED} more` : '';
  return `${refused}: not for ${operators.slice(0, MOST_NAMED).join(', ')}${more}. Certify it on the CPU, or export it without them.`;
}

/** What ran on the CPU, like `Hardmax 'classify/hardmax'`. */
async function profiled(setup: ModelSetup): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'perimeter-profile-'));
  try {
    const session = await InferenceSession.create(setup.fused, {
      ...sessionOptions(setup),
      extra: {},
      enableProfiling: true,
      profileFilePrefix: join(folder, 'run'),
    });
    const dims = [setup.batchSize, ...setup.shape];
    const size = dims.reduce((product, side) => product * side, 1);
    const lattice =
      setup.elementType === 'int16'
        ? new Tensor('int16', new Int16Array(size), dims)
        : new Tensor('int32', new Int32Array(size), dims);
    await session.run({ lattice });
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as ProfileEvent[];
    return events
      .filter(({ cat, args }) => cat === 'Node' && args?.provider === 'CPUExecutionProvider')
      .map(({ name, args }) => `${args?.op_name} '${name.replace(/_kernel_time$/, '')}'`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An entry of the runtime's profile, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}
