import { setTimeout as sleep } from 'node:timers/promises';
import { findOnPath } from '../../cli/dev/executable.ts';
import { runCommand } from '../../cli/dev/run-command.ts';

/** Another test file, or another test run, may be installing something: only one can. */
const ATTEMPTS = 8;
const WAIT_MS = 10_000;

/** Whether this process may install packages: on Debian and Ubuntu, as root. */
export function canInstall(env: NodeJS.ProcessEnv): boolean {
  return findOnPath('apt-get', env) !== undefined && process.getuid?.() === 0;
}

/**
 * Installs packages by apt-get, more than once where something else is being installed.
 *
 * @param options.packages those that are missing: none where all that is needed is there
 * @param options.purpose what needs them, for whoever waits
 * @returns what apt-get said last; undefined where nothing was missing
 */
export async function aptInstall(options: {
  packages: () => readonly string[];
  purpose: string;
  env: NodeJS.ProcessEnv;
}): Promise<{ code: number | null; output: string } | undefined> {
  const { packages, purpose, env } = options;
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) =>
    runCommand('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env: quiet });
  let last: { code: number | null; output: string } | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS && packages().length > 0; attempt += 1) {
    if (attempt > 1) await sleep(WAIT_MS);
    process.stderr.write(`Installing ${packages().join(', ')} for ${purpose} …\n`);
    await apt('update');
    last = await apt('install', '-y', '--no-install-recommends', ...packages());
  }
  return last;
}
