import { readdirSync, readFileSync } from 'node:fs';

/** The ids of a worker's model processes, from Linux's own list of processes. */
export function modelProcessesOf(worker: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === worker && commandOf(pid).includes('model-process-main'));
}

/** Undefined where there is no such process, or only what is left of one. */
export function isAlive(pid: number): boolean {
  return !['Z', undefined].includes(statOf(pid)?.[0]);
}

/** Clock ticks of the processor that a process has used (proc(5): utime and stime). */
export function processorTicksOf(pid: number): number {
  const stat = statOf(pid) ?? [];
  return Number(stat[11]) + Number(stat[12]);
}

function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The fields after the command's name, which is in parentheses and may hold anything. */
function statOf(pid: number): string[] | undefined {
  const stat = readProcess(pid, 'stat');
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function commandOf(pid: number): string {
  return readProcess(pid, 'cmdline') ?? '';
}

function readProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
