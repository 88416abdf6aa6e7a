import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What the build is made from. */
const SOURCES = ['activities', 'bench', 'certification', 'cli', 'scripts', 'test/support', 'workers', 'workflows'];
const OPTIONS = ['tsconfig.json', 'tsconfig.build.json'];
/** Written at the end of a build, beside the compiled code. */
const DIGEST = `${root}dist/sources.sha256`;

/** Whether `dist/` holds the compiled code of a checkout's sources as they are now, byte for byte. */
export function isBuilt() {
  return existsSync(DIGEST) && readFileSync(DIGEST, 'utf8') === sourcesDigest();
}

/**
 * What Node is given to run a file of a checkout: the compiled file where the build is of the sources as they are, else
 * the source with its loader, which takes a second more to start.
 *
 * @param file a `.ts` file that is built, from the root.
 */
export function toRun(file) {
  if (isBuilt()) return { execArgv: [], file: `${root}dist/${file.replace(/\.ts$/, '.js')}` };
  // By its path, as the process may run in any folder.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { execArgv: ['--import', loader], file: root + file };
}

/**
 * The same for a thread: the first argument of `new Worker`, and whether it is code. Node gives a thread no loader of its own.
 *
 * @param file a `.ts` file that is built, from the root.
 */
export function toRunInThread(file) {
  if (isBuilt()) return { main: `${root}dist/${file.replace(/\.ts$/, '.js')}`, eval: false };
  const [loader, source] = [import.meta.resolve('tsx/esm/api'), pathToFileURL(root + file).href].map((url) =>
    JSON.stringify(url),
  );
  const main = `import(${loader}).then(({ register }) => { register(); return import(${source}); });`;
  return { main, eval: true };
}

/** SHA-256 over the paths and bytes of what the build is made from, as 64 hexadecimal digits. */
export function sourcesDigest() {
  const hash = createHash('sha256');
  const sources = SOURCES.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|js|cjs|css)$/.test(name))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  for (const file of [...OPTIONS, ...sources].sort()) {
    const bytes = readFileSync(root + file);
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}
