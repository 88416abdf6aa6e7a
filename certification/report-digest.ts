import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashFiles } from './code-digest.ts';

/** Folders, and files of this folder, whose code makes tables, curve and page of rows. */
const REPORT = ['make-results.ts', 'read-thumbnails.ts', 'report', 'report/page'];
/** Packages that write tables and draw charts: with what they depend on, their versions decide bytes too. */
const PACKAGES = ['hyparquet-writer', 'vega', 'vega-lite'];
/** Written by the build beside the compiled code, which has no sources to digest. */
const BUILT = 'report-digest.json';

let digest: string | undefined;

/**
 * SHA-256 over the source of everything that makes a run's tables, curve and page of its rows, and the versions of the
 * packages that do, as 64 hexadecimal digits. Manifests name it: results of another report have other bytes, though they
 * say the same.
 */
export function reportDigest(): string {
  if (digest === undefined) {
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const built = join(folder, BUILT);
    const sources = existsSync(built)
      ? (JSON.parse(readFileSync(built, 'utf8')) as { digest: string }).digest
      : digestReportSources(folder);
    digest = createHash('sha256')
      .update(`${sources}\n${packageVersions(folder).join('\n')}\n`)
      .digest('hex');
  }
  return digest;
}

/** The digest of the sources under `folder` (certification/): each file's path and bytes, in byte order of the paths. */
export function digestReportSources(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of REPORT) {
    const files = entry.endsWith('.ts')
      ? [entry]
      : readdirSync(join(folder, entry))
          .filter((name) => /\.(?:ts|js|css)$/.test(name))
          .sort((a, b) => (a < b ? -1 : 1))
          .map((name) => `${entry}/${name}`);
    hashFiles(hash, folder, files);
  }
  return hash.digest('hex');
}

/** `name@version` of the packages and of all that they depend on, as they are installed, in byte order. */
function packageVersions(from: string): string[] {
  const found = new Set<string>();
  const visit = (name: string, folder: string) => {
    const file = packageFile(name, folder);
    if (file === undefined) return;
    const { version, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
      version: string;
      dependencies?: Record<string, string>;
    };
    if (found.has(`${name}@${version}`)) return;
    found.add(`${name}@${version}`);
    for (const each of Object.keys(dependencies)) visit(each, dirname(file));
  };
  for (const name of PACKAGES) visit(name, from);
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/** Where Node finds a package's description from a folder, as not every package lets it be resolved. */
function packageFile(name: string, folder: string): string | undefined {
  const file = join(folder, 'node_modules', name, 'package.json');
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : packageFile(name, parent);
}
