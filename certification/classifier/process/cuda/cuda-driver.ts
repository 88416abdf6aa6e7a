import koffi from 'koffi';

/** Pinned memory is the same for every context. */
const PORTABLE = 1;
const NAME_LENGTH = 256;

/** The part of NVIDIA's driver that ONNX Runtime doesn't reach. Source: the CUDA driver API. */
export interface CudaDriver {
  /** As in "NVIDIA H100 80GB HBM3". */
  readonly card: string;
  /** Pins memory, so that the card reads it by itself and at full speed. */
  readonly pin: (memory: Int16Array | Int32Array) => void;
}

/**
 * The driver, with the primary context of a card, which ONNX Runtime works in too.
 *
 * @throws Error with what the driver says.
 */
export function openCudaDriver(deviceId: number): CudaDriver {
  const library = koffi.load('libcuda.so.1');
  const check = (what: string, code: unknown) => {
    if (code !== 0) throw new Error(`${what} failed with CUDA driver error ${String(code)}`);
  };
  check('cuInit', library.func('int cuInit(uint32_t flags)')(0));
  const device: [number] = [0];
  check('cuDeviceGet', library.func('int cuDeviceGet(_Out_ int *device, int ordinal)')(device, deviceId));
  const name = Buffer.alloc(NAME_LENGTH);
  const getName = library.func('int cuDeviceGetName(void *name, int length, int device)');
  check('cuDeviceGetName', getName(name, NAME_LENGTH, device[0]));
  const context: [bigint] = [0n];
  const retain = library.func('int cuDevicePrimaryCtxRetain(_Out_ void **context, int device)');
  check('cuDevicePrimaryCtxRetain', retain(context, device[0]));
  check('cuCtxSetCurrent', library.func('int cuCtxSetCurrent(void *context)')(context[0]));
  const register = library.func('int cuMemHostRegister_v2(void *memory, size_t bytes, uint32_t flags)');
  return {
    card: name.toString('latin1', 0, name.indexOf(0)),
    pin: (memory) => {
      check('cuMemHostRegister', register(koffi.address(memory), memory.byteLength, PORTABLE));
    },
  };
}
