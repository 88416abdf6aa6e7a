import { readFile } from 'node:fs/promises';
import { webAssembly } from './web-assembly.ts';
import type { WasmMemory } from './web-assembly.ts';

interface Address {
  readonly value: number;
}

type Fill = (
  pixels: number,
  rows: number,
  dimensions: number,
  samples: number,
  least: number,
  thresholds: number,
  example: number,
  firstSample: number,
  phase: number,
) => void;

/** What kernel.as.ts exports, described there. */
export interface KernelExports {
  readonly KEYS: Address;
  readonly KEY_VECTORS: Address;
  readonly GUIDE: Address;
  readonly UPPER: Address;
  readonly LOWER: Address;
  readonly FREE: Address;
  readonly fillInt16: Fill;
  readonly fillInt32: Fill;
}

let compiled: Promise<object> | undefined;

/**
 * A new instance of the kernel on the given memory. kernel.wasm lies beside this file and is compiled once a process.
 *
 * @throws Error when kernel.wasm can't be read (`npm run build:kernel` makes it)
 */
export async function loadKernel(memory: WasmMemory): Promise<KernelExports> {
  compiled ??= readFile(new URL('kernel.wasm', import.meta.url)).then((bytes) => webAssembly.compile(bytes));
  const { exports } = await webAssembly.instantiate(await compiled, { env: { memory } });
  return exports as KernelExports;
}
