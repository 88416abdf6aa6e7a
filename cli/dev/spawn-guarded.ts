import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

const KEPT_CHARACTERS = 4_000;

/** A process that does not outlive this one. */
export type GuardedProcess = {
  pid: number;
  /** Whether it has ended. */
  ended: () => boolean;
  /** The end of what it printed on both streams. */
  output: () => string;
  /** SIGTERM, and SIGKILL where it has not ended after `graceMs`; resolves when it has ended. */
  stop: (graceMs?: number) => Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill: () => Promise<void>;
};

/**
 * Starts a server process that ends with this one, however this one ends. It has a process group of its own, so that
 * Ctrl-C in a terminal reaches this process alone, which then stops its servers in the order it needs.
 *
 * @param options.logFile a file to append its output to
 * @throws Error where it can't be started
 */
export async function spawnGuarded(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; logFile?: string } = {},
): Promise<GuardedProcess> {
  const { env, cwd, logFile } = options;
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  await once(child, 'spawn');
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} has no process id`);

  let kept = '';
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-KEPT_CHARACTERS);
      log?.write(text);
    });
  }

  const guard = spawnGuard(pid);
  const killOnExit = () => child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const exited = once(child, 'exit').then(() => {
    guard.kill('SIGKILL');
    process.removeListener('exit', killOnExit);
  });
  // What it said last may come after its exit, and from its children later still.
  child.once('close', () => log?.end());
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };

  return {
    pid,
    ended,
    output: () => kept,
    kill,
    stop: async (graceMs = 10_000) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** An `exit` handler doesn't run on SIGKILL; the closing of this pipe does happen. */
function spawnGuard(pid: number): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1"', 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  return guard;
}
