import { setTimeout as sleep } from 'node:timers/promises';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { findOnPath, isExecutable } from '../../cli/dev/executable.ts';
import { runCommand } from '../../cli/dev/run-command.ts';

/** Another test file may be installing something: only one can. */
const ATTEMPTS = 8;
const WAIT_MS = 10_000;

/**
 * Makes sure that programs are there which tests run as root: on Debian and Ubuntu, where this process may, those that are
 * missing are installed.
 *
 * @param options.programs each name, or path, with the package of Debian that has it
 * @param options.purpose what needs them, for the message
 * @throws PerimeterError `MissingPart` where one is missing, or this process isn't root's
 */
export async function installPrograms(options: {
  programs: Readonly<Record<string, string>>;
  purpose: string;
  env?: NodeJS.ProcessEnv;
}): Promise<void> {
  const { programs, purpose, env = process.env } = options;
  const isThere = (name: string) => (name.startsWith('/') ? isExecutable(name) : findOnPath(name, env) !== undefined);
  const missing = () => Object.keys(programs).filter((name) => !isThere(name));
  const isRoot = process.getuid?.() === 0;
  let reason = isRoot ? '' : "this process is not root's";
  if (isRoot && missing().length > 0 && findOnPath('apt-get', env) !== undefined) {
    for (let attempt = 1; attempt <= ATTEMPTS && missing().length > 0; attempt += 1) {
      if (attempt > 1) await sleep(WAIT_MS);
      const packages = [...new Set(missing().map((name) => programs[name]))];
      process.stderr.write(`Installing ${packages.join(', ')} for ${purpose} …\n`);
      reason = await aptInstall(packages, env);
    }
  }
  if (isRoot && missing().length === 0) return;
  const names = Object.keys(programs).join(', ');
  const packages = [...new Set(Object.values(programs))].join(' ');
  throw new PerimeterError(
    'MissingPart',
    `${purpose} need root and ${names} (missing: ${missing().join(', ') || 'none'}; ${reason || 'there is no apt-get'}): ` +
      `run them as root on Debian 12 or newer, after "apt-get install ${packages}".`,
  );
}

async function aptInstall(packages: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) =>
    runCommand('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env: quiet });
  await apt('update');
  const { output } = await apt('install', '-y', '--no-install-recommends', ...packages);
  return `apt-get: ${output.trim().slice(-300)}`;
}
