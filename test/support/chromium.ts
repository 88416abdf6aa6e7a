import { setTimeout as sleep } from 'node:timers/promises';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { findOnPath } from '../../cli/dev/executable.ts';
import { runCommand } from '../../cli/dev/run-command.ts';

/** Another test file may be installing it: only one can. */
const ATTEMPTS = 8;
const WAIT_MS = 10_000;
/** The names that distributions give it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Finds Chromium, by PERIMETER_TEST_CHROMIUM or on `PATH`; on Debian and Ubuntu, where this process may, it is installed
 * (about 20 s).
 *
 * @throws PerimeterError `MissingPart` where there is none.
 */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const found = () => env.PERIMETER_TEST_CHROMIUM ?? NAMES.map((name) => findOnPath(name, env)).find(Boolean);
  const there = found();
  if (there !== undefined) return there;
  let reason = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    reason = await install(env);
    const installed = found();
    if (installed !== undefined) return installed;
    if (!canInstall(env)) break;
    await sleep(WAIT_MS);
  }
  throw new PerimeterError(
    'MissingPart',
    `The tests of the pages need Chromium, and ${reason}: install it ("apt-get install chromium"), or set PERIMETER_TEST_CHROMIUM to its path.`,
  );
}

function canInstall(env: NodeJS.ProcessEnv): boolean {
  return findOnPath('apt-get', env) !== undefined && process.getuid?.() === 0;
}

async function install(env: NodeJS.ProcessEnv): Promise<string> {
  if (!canInstall(env)) return 'there is none on PATH';
  process.stderr.write('Installing Chromium for the tests of the pages …\n');
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another test run may be installing something.
  const apt = (...args: string[]) =>
    runCommand('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env: quiet });
  await apt('update');
  const { code, output } = await apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation');
  return code === 0 ? 'apt-get installed none' : `apt-get could not install it (${output.trim().slice(-300)})`;
}
