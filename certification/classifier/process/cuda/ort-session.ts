import koffi from 'koffi';
import type { AsyncSession, NamedTensors } from '../async-session.ts';
import type { CudaArithmetic } from './cuda-arithmetic.ts';
import { ortApi, type Pointer } from './ort-c-api.ts';

const ERROR = 3;
const ALL_OPTIMIZATIONS = 99;
const DEVICE_ALLOCATOR = 0;
const DEFAULT_MEMORY = 0;
/** By ONNXTensorElementDataType. */
const FLOAT = 1;
const INT16 = 5;
const INT32 = 6;

let env: Pointer | undefined;

/** How a session is made: on the card that CUDA numbers so, and how it computes; on the CPU where there is no `cuda`. */
export interface OrtSessionOptions {
  readonly threads: number;
  readonly cuda?: { readonly deviceId: number; readonly arithmetic: CudaArithmetic } | undefined;
}

/**
 * Makes a session of a model by ONNX Runtime's C API.
 *
 * @throws Error with ONNX Runtime's message.
 */
export function createOrtSession(model: Uint8Array, { threads, cuda }: OrtSessionOptions): Pointer {
  const ort = ortApi();
  env ??= ort.make('CreateEnv', ERROR, 'perimeter');
  const options = ort.make('CreateSessionOptions');
  ort.call('SetSessionLogSeverityLevel', options, ERROR);
  ort.call('SetSessionGraphOptimizationLevel', options, ALL_OPTIMIZATIONS);
  ort.call('SetIntraOpNumThreads', options, threads);
  ort.call('SetInterOpNumThreads', options, 1);
  ort.call('AddSessionConfigEntry', options, 'session.intra_op.allow_spinning', '0');
  if (cuda !== undefined) {
    // Else what the card has no kernel for runs on the CPU, in silence and slowly.
    ort.call('AddSessionConfigEntry', options, 'session.disable_cpu_ep_fallback', '1');
    appendCuda(options, cuda);
  }
  const session = ort.make('CreateSessionFromArray', env, model, model.byteLength, options);
  ort.release('ReleaseSessionOptions', options);
  return session;
}

/**
 * Loads a fused model by ONNX Runtime's C API.
 *
 * @throws Error with ONNX Runtime's message.
 */
export function openOrtSession(
  model: Uint8Array,
  options: OrtSessionOptions,
): AsyncSession<Pointer> & { readonly version: string } {
  const ort = ortApi();
  const session = createOrtSession(model, options);
  const memory = ort.make('CreateCpuMemoryInfo', DEVICE_ALLOCATOR, DEFAULT_MEMORY);
  const values: Pointer[] = [];
  return {
    version: ort.version,
    tensor: (data, dims) => {
      const type = data instanceof Int16Array ? INT16 : data instanceof Int32Array ? INT32 : FLOAT;
      const shape = BigInt64Array.from(dims, BigInt);
      const address = koffi.address(data);
      const value = ort.make(
        'CreateTensorWithDataAsOrtValue',
        memory,
        address,
        data.byteLength,
        shape,
        dims.length,
        type,
      );
      values.push(value);
      return { data, handle: value };
    },
    run: (inputs, outputs) => {
      const named = (tensors: NamedTensors<Pointer>) => {
        const names = Object.keys(tensors);
        return [names, names.map((name) => tensors[name].handle), names.length] as const;
      };
      const [inputNames, inputValues, inputCount] = named(inputs);
      const [outputNames, outputValues, outputCount] = named(outputs);
      return ort.callAsync(
        'Run',
        session,
        null,
        inputNames,
        inputValues,
        inputCount,
        outputNames,
        outputCount,
        outputValues,
      );
    },
    close: () => {
      for (const value of values) ort.release('ReleaseValue', value);
      ort.release('ReleaseMemoryInfo', memory);
      ort.release('ReleaseSession', session);
    },
  };
}

function appendCuda(
  options: Pointer,
  { deviceId, arithmetic: { tf32, channelsLast } }: { deviceId: number; arithmetic: CudaArithmetic },
): void {
  const ort = ortApi();
  const flag = (on: boolean) => (on ? '1' : '0');
  const entries = Object.entries({
    device_id: String(deviceId),
    use_tf32: flag(tf32),
    prefer_nhwc: flag(channelsLast),
    cudnn_conv_algo_search: 'EXHAUSTIVE',
  });
  const cuda = ort.make('CreateCUDAProviderOptions');
  const keys = entries.map(([key]) => key);
  const values = entries.map(([, value]) => value);
  ort.call('UpdateCUDAProviderOptions', cuda, keys, values, entries.length);
  ort.call('SessionOptionsAppendExecutionProvider_CUDA_V2', options, cuda);
  ort.release('ReleaseCUDAProviderOptions', cuda);
}
