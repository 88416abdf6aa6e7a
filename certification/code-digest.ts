import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders, and files of this folder, whose code decides what a certificate says. */
const DECISIVE = [
  'draw-shard.ts',
  'estimate-examples.ts',
  'select-examples.ts',
  'shard-task.ts',
  'claim-noise-key.ts',
  'failure-reasons.ts',
  'read-examples.ts',
  'look-table.ts',
  'smoothing',
  'noise',
  'classifier',
  'datasets',
  'records/certificate.ts',
  'lattice-example.ts',
  'convert-norm.ts',
  'claim-threat.ts',
  'claim-marks.ts',
  'make-row.ts',
  'mark-row.ts',
];

/** Written by the build beside the compiled code, which has no sources to digest. */
const BUILT = 'code-digest.json';

let digest: string | undefined;

/**
 * SHA-256 over the source of everything that decides what a certificate says, as 64 hexadecimal digits. It is part of
 * the claim: certificates of other code are other certificates.
 */
export function codeDigest(): string {
  if (digest === undefined) {
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const built = join(folder, BUILT);
    digest = existsSync(built)
      ? (JSON.parse(readFileSync(built, 'utf8')) as { digest: string }).digest
      : digestSources(folder);
  }
  return digest;
}

/** The digest of the sources under `folder` (certification/), those of folders in folders too: each file's path and bytes, in byte order of the paths. */
export function digestSources(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of DECISIVE) {
    const files = entry.endsWith('.ts')
      ? [entry]
      : readdirSync(join(folder, entry), { recursive: true, encoding: 'utf8' })
          .map((name) => name.replaceAll('\\', '/'))
          .filter((name) => name.endsWith('.ts') || name === 'asconfig.json')
          .sort((a, b) => (a < b ? -1 : 1))
          .map((name) => `${entry}/${name}`);
    hashFiles(hash, folder, files);
  }
  return hash.digest('hex');
}

/** Adds files to a hash, in the order given: of each its path below `folder`, its size and its bytes. */
export function hashFiles(hash: Hash, folder: string, files: readonly string[]): void {
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
}
