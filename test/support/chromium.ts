import { PerimeterError } from '../../certification/perimeter-error.ts';
import { findOnPath } from '../../cli/dev/executable.ts';
import { aptInstall, canInstall } from './apt-install.ts';

const PACKAGES = ['chromium', 'fonts-liberation'];
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
  let reason = 'there is none on PATH';
  if (canInstall(env)) {
    const packages = () => (found() === undefined ? PACKAGES : []);
    const { code, output = '' } = (await aptInstall({ packages, purpose: 'the tests of the pages', env })) ?? {};
    const installed = found();
    if (installed !== undefined) return installed;
    reason = code === 0 ? 'apt-get installed none' : `apt-get could not install it (${output.trim().slice(-300)})`;
  }
  throw new PerimeterError(
    'MissingPart',
    `The tests of the pages need Chromium, and ${reason}: install it ("apt-get install chromium"), or set PERIMETER_TEST_CHROMIUM to its path.`,
  );
}
