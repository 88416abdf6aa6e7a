import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PerimeterError } from '../../../certification/perimeter-error.ts';
import { cacheDir } from '../../../certification/storage/cache-dir.ts';
import { findOnPath } from '../../../cli/dev/executable.ts';
import { runCommand } from '../../../cli/dev/run-command.ts';

const PACKAGE = 'prometheus';

/**
 * Finds Prometheus on `PATH`, or in the project's cache, where it comes once from the distribution's package (19 MB, checked
 * by apt against the signed list of its release). Nothing of the machine changes.
 *
 * @returns the path of an executable
 * @throws PerimeterError `MissingPart` where there is none
 */
export async function findPrometheus(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const onPath = findOnPath('prometheus', env);
  if (onPath !== undefined) return onPath;
  const cache = cacheDir(env);
  const kept = join(cache, `${PACKAGE}-${process.arch}`);
  const program = join(kept, 'usr', 'bin', 'prometheus');
  if (existsSync(program)) return program;

  await mkdir(cache, { recursive: true });
  // Unpacked beside its place and renamed into it: two processes at once don't disturb each other.
  const work = await mkdtemp(join(cache, `unpacking-${PACKAGE}-`));
  try {
    const fault = await unpack(work, env);
    if (fault !== undefined) {
      throw new PerimeterError(
        'MissingPart',
        `Prometheus, which the tests on Kubernetes need, could not be had (${fault}): install it (apt-get install prometheus).`,
      );
    }
    await rename(join(work, 'unpacked'), kept).catch((error: unknown) => {
      // Another process came first.
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Undefined where it worked, else why not. */
async function unpack(work: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const run = (command: string, ...args: string[]) => runCommand(command, args, { cwd: work, env });
  let downloaded = await run('apt-get', 'download', PACKAGE);
  if (downloaded.code !== 0) {
    // Lists that are missing, or older than the archive's packages.
    await run('apt-get', 'update');
    downloaded = await run('apt-get', 'download', PACKAGE);
  }
  const file = (await readdir(work)).find((name) => name.endsWith('.deb'));
  if (downloaded.code !== 0 || file === undefined) return `apt-get download: ${downloaded.output.trim().slice(-300)}`;
  const { code, output } = await run('dpkg-deb', '-x', file, 'unpacked');
  return code === 0 ? undefined : `dpkg-deb: ${output.trim().slice(-300)}`;
}
