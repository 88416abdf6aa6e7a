import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeDigest, hashFiles } from '../certification/code-digest.ts';

/** Folders whose code decides what a worker does with a task. */
const FOLDERS = ['activities', 'certification', 'workers', 'workflows'];
/** Enough that no two versions of one deployment share them, and short enough to read out. */
const DIGITS = 12;
/** Written by the build beside the compiled code, which has no sources to digest. */
const BUILT = 'build-id.json';

let ofCode: string | undefined;

/**
 * What tells workers of other code apart: TEMPORAL_WORKER_BUILD_ID where it is set, else the package's version and a
 * digest of the code that workers run, as in `0.1.0-3f9a1c20b7de`.
 */
export function buildId(env: NodeJS.ProcessEnv = process.env): string {
  return env.TEMPORAL_WORKER_BUILD_ID || (ofCode ??= builtId() ?? sourceId());
}

function builtId(): string | undefined {
  const built = fileURLToPath(new URL(BUILT, import.meta.url));
  if (!existsSync(built)) return undefined;
  return (JSON.parse(readFileSync(built, 'utf8')) as { buildId: string }).buildId;
}

function sourceId(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return `${version}-${digestWorkerSources(root, codeDigest()).slice(0, DIGITS)}`;
}

/**
 * SHA-256 over the code digest and the sources of what workers run: each file's path and bytes, in byte order of the
 * paths.
 *
 * @param root the folder that has certification/, workflows/ and the others.
 */
export function digestWorkerSources(root: string, code: string): string {
  const hash = createHash('sha256').update(`${code}\n`);
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|js|css)$/.test(name))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  ).sort((a, b) => (a < b ? -1 : 1));
  hashFiles(hash, root, files);
  return hash.digest('hex');
}
