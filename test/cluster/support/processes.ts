import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnGuarded, type GuardedProcess } from '../../../cli/dev/spawn-guarded.ts';

/** They hold nothing that is needed after a test. */
const STOP_MS = 2_000;

/** Starts a process whose output goes to `log/<name>.log`. */
export type RunProcess = (
  name: string,
  command: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
) => Promise<GuardedProcess>;

/** Processes that work in one folder and end together, the last one first. */
export function createProcesses(folder: string): { run: RunProcess; stop: () => Promise<void> } {
  const logs = join(folder, 'log');
  mkdirSync(logs, { recursive: true });
  const processes: GuardedProcess[] = [];
  return {
    run: async (name, command, args, env = process.env) => {
      const started = await spawnGuarded(command, args, { logFile: join(logs, `${name}.log`), env, cwd: folder });
      processes.push(started);
      return started;
    },
    stop: async () => {
      for (const started of processes.splice(0).reverse()) await started.stop(STOP_MS);
    },
  };
}
