import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

/** An address. */
export type Pointer = bigint;

type NativeFunction = ((...values: unknown[]) => unknown) & { readonly async: (...values: unknown[]) => void };

/** ONNX Runtime's functions, by the names of its C header without "Ort". */
export interface OrtApi {
  /** Calls a function that returns a status. @throws Error with ONNX Runtime's message. */
  call(name: OrtFunction, ...values: unknown[]): void;
  /** Calls one that makes something, by a last argument that is left out here. @throws Error with ONNX Runtime's message. */
  make(name: OrtFunction, ...values: unknown[]): Pointer;
  /** Calls a function that returns a status on another thread. Its values must stay as they are until it is done. */
  callAsync(name: OrtFunction, ...values: unknown[]): Promise<void>;
  release(name: OrtRelease, value: Pointer): void;
  /** As in "1.30.0". */
  readonly version: string;
}

/** The table of functions that is asked for is that of ONNX Runtime 1.24: all later ones begin with it. */
const API_VERSION = 24;

const pointer = 'void *';
const made = '_Out_ void **';

/** Functions that return a status: their place in the table, and what they take. */
const functions = {
  CreateEnv: [3, ['int', 'str', made]],
  CreateSessionFromArray: [8, [pointer, pointer, 'size_t', pointer, made]],
  Run: [9, [pointer, pointer, 'str *', 'void **', 'size_t', 'str *', 'size_t', 'void **']],
  CreateSessionOptions: [10, [made]],
  SetSessionLogSeverityLevel: [22, [pointer, 'int']],
  SetSessionGraphOptimizationLevel: [23, [pointer, 'int']],
  SetIntraOpNumThreads: [24, [pointer, 'int']],
  SetInterOpNumThreads: [25, [pointer, 'int']],
  CreateTensorWithDataAsOrtValue: [49, [pointer, pointer, 'size_t', 'int64_t *', 'size_t', 'int', made]],
  CreateMemoryInfo: [68, ['str', 'int', 'int', 'int', made]],
  CreateCpuMemoryInfo: [69, ['int', 'int', made]],
  AddSessionConfigEntry: [130, [pointer, 'str', 'str']],
  RunWithBinding: [133, [pointer, pointer, pointer]],
  CreateIoBinding: [134, [pointer, made]],
  BindInput: [136, [pointer, 'str', pointer]],
  BindOutputToDevice: [138, [pointer, 'str', pointer]],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, [pointer, pointer]],
  CreateCUDAProviderOptions: [205, [made]],
  UpdateCUDAProviderOptions: [206, [pointer, 'str *', 'str *', 'size_t']],
} as const satisfies Record<string, readonly [place: number, takes: readonly string[]]>;
export type OrtFunction = keyof typeof functions;

const releases = {
  ReleaseStatus: 93,
  ReleaseMemoryInfo: 94,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseSessionOptions: 100,
  ReleaseIoBinding: 135,
  ReleaseCUDAProviderOptions: 208,
} as const;
export type OrtRelease = keyof typeof releases;

const ERROR_MESSAGE = 2;

/** As much as a thread has. koffi calls on a stack of its own, whose 128 KiB are too little for cuDNN. */
const STACK_BYTES = 8 * 2 ** 20;

/** The library stays loaded only as long as something holds its handle; a function that was found by its address doesn't. */
let library: ReturnType<typeof koffi.load> | undefined;
let loaded: OrtApi | undefined;

/**
 * ONNX Runtime's C API, of the library that onnxruntime-node holds. That package's own binding blocks its thread while a model runs,
 * and tells the CUDA provider nothing but the number of the card.
 *
 * Source: onnxruntime_c_api.h. `OrtApi` is a table of functions whose places never change.
 *
 * @throws Error where the library isn't there or can't be loaded.
 */
export function ortApi(): OrtApi {
  loaded ??= load();
  return loaded;
}

function load(): OrtApi {
  koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  library = koffi.load(libraryPath());
  const base = library.func('void *OrtGetApiBase()')() as Pointer;
  const getApi = functionAt(base, 0, 'void *', ['uint32_t']);
  const getVersion = functionAt(base, 1, 'str', []);
  const api = getApi(API_VERSION) as Pointer | null;
  const version = getVersion() as string;
  if (api === null) throw new Error(`ONNX Runtime ${version} has no C API of version ${API_VERSION}.`);

  const bound = Object.fromEntries(
    Object.entries(functions).map(([name, [place, takes]]) => [name, functionAt(api, place, 'void *', takes)]),
  ) as Record<OrtFunction, NativeFunction>;
  const freeing = Object.fromEntries(
    Object.entries(releases).map(([name, place]) => [name, functionAt(api, place, 'void', ['void *'])]),
  ) as Record<OrtRelease, NativeFunction>;
  const messageOf = functionAt(api, ERROR_MESSAGE, 'str', ['void *']);

  const check = (status: Pointer | null) => {
    if (status === null) return;
    const message = (messageOf(status) as string).trim();
    freeing.ReleaseStatus(status);
    throw new Error(message);
  };
  return {
    version,
    call: (name, ...values) => {
      check(bound[name](...values) as Pointer | null);
    },
    make: (name, ...values) => {
      const out: [Pointer | null] = [null];
      check(bound[name](...values, out) as Pointer | null);
      const [value] = out;
      if (value === null) throw new Error(`ONNX Runtime's ${name} made nothing.`);
      return value;
    },
    callAsync: (name, ...values) =>
      new Promise((resolve, reject) => {
        bound[name].async(...values, (error: Error | null, status: Pointer | null) => {
          try {
            if (error !== null) throw error;
            check(status);
            resolve();
          } catch (failure) {
            reject(failure instanceof Error ? failure : new Error(String(failure)));
          }
        });
      }),
    release: (name, value) => {
      freeing[name](value);
    },
  };
}

/** The library lies beside the binding; the package's entry point is in its `dist`. */
function libraryPath(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
}

function functionAt(table: Pointer, place: number, returns: string, takes: readonly string[]): NativeFunction {
  const address = koffi.decode(table, 8 * place, 'void *') as Pointer;
  return koffi.decode(address, koffi.proto(returns, [...takes])) as NativeFunction;
}
