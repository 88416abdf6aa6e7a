import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PerimeterError } from '../../../certification/perimeter-error.ts';
import { cacheDir } from '../../../certification/storage/cache-dir.ts';

/**
 * Finds a folder of built programs in the project's cache, or builds it there once.
 *
 * @param options.name of the folder, without its digest
 * @param options.from all that the programs are built from: strings as they are, folders with the files in them
 * @param options.takes how long a build takes, for a person
 * @param options.build fills the folder `target`, may use `work` beside it; answers undefined where it worked, else why not
 * @returns the folder
 * @throws PerimeterError `MissingPart` where they can't be built
 */
export async function buildOnce(options: {
  name: string;
  from: { versions: readonly string[]; folder?: string };
  takes: string;
  env: NodeJS.ProcessEnv;
  build: (folders: { target: string; work: string }) => Promise<string | undefined>;
}): Promise<string> {
  const { name, from, takes, env, build } = options;
  const cache = cacheDir(env);
  const built = join(cache, `${name}-${digest(from)}`);
  if (existsSync(built)) return built;

  process.stderr.write(`Building ${name} for the tests once into ${cache} (${takes}) …\n`);
  await mkdir(cache, { recursive: true });
  // Built beside its place and renamed into it: two processes that build at once don't disturb each other.
  const work = await mkdtemp(join(cache, `building-${name}-`));
  try {
    const target = join(work, 'built');
    await mkdir(target);
    const fault = await build({ target, work });
    if (fault !== undefined) {
      throw new PerimeterError(
        'MissingPart',
        `${name}, which the tests on Kubernetes need, could not be built (${fault}): install Go 1.26 or newer, or python3 ` +
          'with pip, and let them reach the Go module proxy (GOPROXY); or set PERIMETER_CACHE to a folder where it is built.',
      );
    }
    await rename(target, built).catch((error: unknown) => {
      // Another process came first.
      if (!existsSync(built)) throw error;
    });
    return built;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function digest({ versions, folder }: { versions: readonly string[]; folder?: string }): string {
  const hash = createHash('sha256').update(JSON.stringify([process.arch, versions]));
  const files = folder === undefined ? [] : readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.(?:go|mod|sum)$/.test(name)).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(folder ?? '', file)));
  }
  return hash.digest('hex').slice(0, 16);
}
