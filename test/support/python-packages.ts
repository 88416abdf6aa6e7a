import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { cacheDir } from '../../certification/storage/cache-dir.ts';
import { pipInstall } from '../../cli/dev/pip-install.ts';
import { runCommand } from '../../cli/dev/run-command.ts';

/**
 * Finds the packages of a file of requirements in a folder of the project's cache, for this machine's Python, or installs
 * them there once. Python finds them by `PYTHONPATH`; nothing else of the machine changes.
 *
 * @returns the folder
 * @throws PerimeterError `MissingPart` where there is no Python, or the packages can't be installed
 */
export async function pythonPackages(requirements: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const name = basename(requirements, '.txt');
  const missing = (reason: string) =>
    new PerimeterError(
      'MissingPart',
      `The Python packages of ${requirements} could not be installed (${reason}): install python3, 3.10 or newer, with pip or venv, ` +
        'and let it reach PyPI or what PIP_INDEX_URL names.',
    );
  // Packages with native code are of one Python on one platform.
  const version = 'import sys, sysconfig; print(sys.version, sysconfig.get_platform())';
  const python = await runCommand('python3', ['-c', version], { env });
  if (python.code !== 0) throw missing(`python3: ${python.output.trim().slice(-300)}`);
  const digest = createHash('sha256').update(python.output).update(readFileSync(requirements)).digest('hex');
  const cache = cacheDir(env);
  const cached = join(cache, `${name}-${digest.slice(0, 16)}`);
  if (existsSync(cached)) return cached;

  process.stderr.write(`Installing the Python packages of ${requirements} once into ${cache} …\n`);
  await mkdir(cache, { recursive: true });
  // Installed beside its place and renamed into it: two processes that install at once don't disturb each other.
  const folder = await mkdtemp(join(cache, `installing-${name}-`));
  try {
    const target = join(folder, 'packages');
    const fault = await pipInstall({ requirement: { file: requirements }, target, env });
    if (fault !== undefined) throw missing(fault);
    await rename(target, cached).catch((error: unknown) => {
      // Another process came first.
      if (!existsSync(cached)) throw error;
    });
    return cached;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
