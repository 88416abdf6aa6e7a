import { readFileSync, readdirSync } from 'node:fs';

/** What the kernel says of a process: the lines of /proc/PID/status. */
export function processStatus(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(':\t', 2).map((part) => part.trim()) as [string, string]));
}

/** A process and all that it started. */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

/** The folder of a process' cgroup, of a controller where each has a hierarchy of its own. */
export function cgroupFolder(pid: number, controller: string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trimEnd().split('\n');
  for (const line of lines) {
    const [, controllers, path] = line.split(':', 3);
    if (controllers.split(',').includes(controller)) return `/sys/fs/cgroup/${controller}${path}`;
  }
  const [, , path] = (lines.find((line) => line.startsWith('0::')) ?? '0::/').split(':', 3);
  return `/sys/fs/cgroup${path}`;
}

/** The most memory that a process and its neighbours in its cgroup may have, in bytes. */
export function memoryLimit(pid: number): number {
  const folder = cgroupFolder(pid, 'memory');
  const [file] = readdirSync(folder).filter((name) => ['memory.limit_in_bytes', 'memory.max'].includes(name));
  return Number(readFileSync(`${folder}/${file}`, 'utf8'));
}
