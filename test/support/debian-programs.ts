import { PerimeterError } from '../../certification/perimeter-error.ts';
import { findOnPath, isExecutable } from '../../cli/dev/executable.ts';
import { aptInstall, canInstall } from './apt-install.ts';

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
  if (canInstall(env)) {
    const packages = () => [...new Set(missing().map((name) => programs[name]))];
    const last = await aptInstall({ packages, purpose, env });
    if (last !== undefined) reason = `apt-get: ${last.output.trim().slice(-300)}`;
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
