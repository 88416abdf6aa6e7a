import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../cli/dev/run-command.ts';
import { until } from '../../support/until.ts';
import { ociConfig } from './oci-config.ts';

/** A container under runc, which does not outlive this process. */
export interface Container {
  readonly id: string;
  /** Of its first process, on this machine. */
  readonly pid: number;
  hasEnded(): boolean;
  /** What it printed on both streams. */
  output(): string;
  /** Runs a program in it as its own user. */
  exec(...args: readonly string[]): Promise<{ code: number | null; output: string }>;
  /** Sends SIGTERM to its first process, as a kubelet does. */
  terminate(): void;
  /** Its exit code, once it has ended. */
  readonly exitCode: Promise<number | null>;
  /** Ends it and everything in it. */
  remove(): Promise<void>;
}

/** Starts a container by a manifest's pod and an image. @param options.folder for what the runtime keeps of it. */
export async function runContainer(
  options: Omit<Parameters<typeof ociConfig>[0], 'cgroup'> & { folder: string },
): Promise<Container> {
  const { folder, ...described } = options;
  const id = `perimeter-test-${randomUUID()}`;
  const bundle = join(folder, id);
  const pidFile = join(bundle, 'pid');
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(ociConfig({ ...described, cgroup: `/${id}` })));
  const runc = (...args: string[]) => ['--root', join(folder, 'runc'), ...args];
  // However this process ends, the pipe closes, and container and cgroup go.
  const guard = spawn('/bin/sh', ['-c', 'read -r _; exec runc "$@"', 'guard', ...runc('delete', '--force', id)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const child = spawn('runc', runc('run', '--bundle', bundle, '--pid-file', pidFile, id), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const pid = await until(
    () => (hasEnded() ? -1 : pidIn(pidFile)),
    (found) => found !== undefined,
  );
  return {
    id,
    pid: pid ?? -1,
    hasEnded,
    output: () => output,
    exec: (...args) => runCommand('runc', runc('exec', id, ...args)),
    // In the foreground runc passes signals on.
    terminate: () => child.kill('SIGTERM'),
    exitCode,
    remove: async () => {
      guard.stdin.end('\n');
      if (guard.exitCode === null) await once(guard, 'exit');
      await exitCode;
    },
  };
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
