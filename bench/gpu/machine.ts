import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { runCommand } from '../../cli/dev/run-command.ts';
import type { Device } from '../../certification/records/device.ts';
import type { LineProcess } from './line-process.ts';

/** What a table was measured on, and with. */
export interface Machine {
  readonly date: string;
  /** The GPU, or the processor where that computes. */
  readonly card: string;
  readonly driver: string | undefined;
  readonly cores: number;
  readonly node: string;
  /** PyTorch's version and the CUDA it was built for, or why there is none. */
  readonly torch: string;
}

/** Finds out what can be found out before anything is measured. */
export async function describeMachine(device: Device, torch: LineProcess): Promise<Machine> {
  const about = await torch
    .ask({ do: 'about', device: device.kind })
    .then(
      ({ torch: version, cuda }) => `PyTorch ${String(version)}${typeof cuda === 'string' ? ` (CUDA ${cuda})` : ''}`,
    )
    .catch((error: unknown) => `no PyTorch: ${error instanceof Error ? error.message : String(error)}`);
  const [card, driver] = device.kind === 'cpu' ? [cpus()[0]?.model ?? 'a CPU'] : await gpu(device.id);
  return {
    date: new Date().toISOString().slice(0, 10),
    card,
    driver,
    cores: availableParallelism(),
    node: process.version,
    torch: about,
  };
}

async function gpu(id: number): Promise<[card: string, driver: string | undefined]> {
  const query = ['-i', String(id), '--query-gpu=name,driver_version', '--format=csv,noheader'];
  const { code, output } = await runCommand('nvidia-smi', query);
  const [name, driver] = output.trim().split(', ');
  return code === 0 ? [name, driver] : ['a GPU that nvidia-smi does not tell of', undefined];
}

/** The CUDA libraries that a process has loaded, by their file names; none where Linux doesn't tell. */
export function cudaLibraries(pid: number | undefined): string[] {
  if (pid === undefined) return [];
  try {
    return cudaLibrariesIn(readFileSync(`/proc/${pid}/maps`, 'utf8'));
  } catch {
    return [];
  }
}

/** The same, of the text of /proc/PID/maps. */
export function cudaLibrariesIn(maps: string): string[] {
  const names = maps.matchAll(/\/(lib(?:cudart|cudnn)\.so[.\d]*)$/gm);
  return [...new Set([...names].map(([, name]) => name))].sort();
}
