import { PerimeterError } from '../../certification/perimeter-error.ts';
import { findOnPath } from '../../cli/dev/executable.ts';
import { runCommand } from '../../cli/dev/run-command.ts';

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
  const reason = await install(env);
  const installed = found();
  if (installed !== undefined) return installed;
  throw new PerimeterError(
    'MissingPart',
    `The tests of the pages need Chromium, and ${reason}: install it ("apt-get install chromium"), or set PERIMETER_TEST_CHROMIUM to its path.`,
  );
}

async function install(env: NodeJS.ProcessEnv): Promise<string> {
  if (findOnPath('apt-get', env) === undefined || process.getuid?.() !== 0) return 'there is none on PATH';
  process.stderr.write('Installing Chromium for the tests of the pages …\n');
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another test run may be installing something.
  const apt = (...args: string[]) =>
    runCommand('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env: quiet });
  await apt('update');
  const { code, output } = await apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation');
  return code === 0 ? 'apt-get installed none' : `apt-get could not install it (${output.trim().slice(-300)})`;
}
