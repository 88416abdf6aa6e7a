import koffi from 'koffi';
import { ortApi, type Pointer } from '../certification/classifier/process/cuda/ort-c-api.ts';
import { createOrtSession, type OrtSessionOptions } from '../certification/classifier/process/cuda/ort-session.ts';

/** By ONNX Runtime's C header. */
const DEVICE_ALLOCATOR = 0;
const DEFAULT_MEMORY = 0;
const FLOAT = 1;

/**
 * A model whose input lies on the device and whose output stays there: nothing is copied by its runs.
 *
 * @param options.input its name and shape, and the float32 values that each run reads
 * @param options.lanes so many runs can be under way at once
 * @throws Error with ONNX Runtime's message
 */
export function openBoundModel(
  model: Uint8Array,
  options: OrtSessionOptions & {
    input: { readonly name: string; readonly dims: readonly number[]; readonly data: Float32Array };
    output: string;
    lanes: number;
  },
): { readonly version: string; readonly runs: (() => Promise<void>)[] } {
  const { input, output, lanes, cuda } = options;
  const ort = ortApi();
  const session = createOrtSession(model, options);
  const host = ort.make('CreateCpuMemoryInfo', DEVICE_ALLOCATOR, DEFAULT_MEMORY);
  const device =
    cuda === undefined ? host : ort.make('CreateMemoryInfo', 'Cuda', DEVICE_ALLOCATOR, cuda.deviceId, DEFAULT_MEMORY);
  const { data, dims } = input;
  const shape = BigInt64Array.from(dims, BigInt);
  const address = koffi.address(data);
  const value = ort.make('CreateTensorWithDataAsOrtValue', host, address, data.byteLength, shape, dims.length, FLOAT);
  const bind = (): Pointer => {
    const binding = ort.make('CreateIoBinding', session);
    // Copied to the device here, once.
    ort.call('BindInput', binding, input.name, value);
    ort.call('BindOutputToDevice', binding, output, device);
    return binding;
  };
  const bindings = Array.from({ length: lanes }, bind);
  return {
    version: ort.version,
    runs: bindings.map((binding) => () => ort.callAsync('RunWithBinding', session, null, binding)),
  };
}
