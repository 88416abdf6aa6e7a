import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../../cli/dev/run-command.ts';
import { installPrograms } from '../../support/debian-programs.ts';
import { baseImage, makeBaseImage, npmSettings } from './base-image.ts';
import { buildah, buildahDone, imageConfig, imagesFolder, type ImageConfig } from './buildah.ts';
import { withFlock } from './flock.ts';

export const checkout = fileURLToPath(new URL('../../..', import.meta.url));

export const targets = ['control', 'sampler-cpu'] as const;
export type Target = (typeof targets)[number];

/** An image that was built, laid out. */
export interface BuiltImage {
  /** As it is named in the tests' own store of images. */
  readonly name: string;
  /** Its files, which are shared by whoever uses it: not to be written to. */
  readonly rootfs: string;
  /** What it says of how it is run. */
  readonly config: ImageConfig;
}

/** Of these many builds the files are kept. */
const KEPT = 2;
/** With layers of earlier builds the next takes a minute; when they take this much room, in GB, it is begun anew. */
const MOST_GIGABYTES = 10;

/**
 * Finds the images of this checkout in the project's cache, or builds them there, by buildah, on a base made of Debian's
 * packages: 5 minutes the first time, one where packages are the same as before, and no time where nothing has changed.
 *
 * @throws PerimeterError `MissingPart` where this machine can't build them; Error with buildah's words where the build fails
 */
export async function findImages(): Promise<Record<Target, BuiltImage>> {
  await installPrograms({
    programs: { buildah: 'buildah', mmdebstrap: 'mmdebstrap', runc: 'runc', flock: 'util-linux' },
    purpose: 'The tests of the images',
  });
  mkdirSync(imagesFolder, { recursive: true });
  return withFlock(join(imagesFolder, 'lock'), async () => {
    const key = contextDigest();
    const folder = join(imagesFolder, `built-${key}`);
    if (!existsSync(folder)) await build(folder, key);
    await utimes(folder, new Date(), new Date());
    const image = (target: Target): BuiltImage => ({
      name: nameOf(target, key),
      rootfs: join(folder, target),
      config: JSON.parse(readFileSync(join(folder, `${target}.json`), 'utf8')) as ImageConfig,
    });
    return { control: image('control'), 'sampler-cpu': image('sampler-cpu') };
  });
}

/** Builds one target of the Dockerfile of a checkout. */
export async function buildTarget(options: {
  target: string;
  name: string;
  args?: Readonly<Record<string, string>>;
  context?: string;
}): Promise<{ code: number | null; output: string }> {
  const { target, name, args = {}, context = checkout } = options;
  await makeBaseImage();
  // It may hold a password.
  const folder = await mkdtemp(join(imagesFolder, 'settings-'));
  const secret = join(folder, 'npmrc');
  await writeFile(secret, await npmSettings());
  const settings = Object.entries({ NODE: baseImage, CUDA: baseImage, ...args });
  try {
    return await buildah(
      ...['bud', '--pull-never', '--layers', '--target', target, '--secret', `id=npmrc,src=${secret}`, '--tag', name],
      ...settings.flatMap(([argument, value]) => ['--build-arg', `${argument}=${value}`]),
      context,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(folder: string, key: string): Promise<void> {
  process.stderr.write(`Building the images in ${imagesFolder} (5 minutes the first time) …\n`);
  // A build that was killed leaves its containers.
  await buildahDone('rm', '--all');
  const storage = join(imagesFolder, 'storage');
  const { output } = await runCommand('du', ['--summarize', '--block-size=1G', storage]);
  if (parseInt(output) > MOST_GIGABYTES) await rm(storage, { recursive: true, force: true });
  const beside = `${folder}-${process.pid}`;
  mkdirSync(beside);
  try {
    for (const target of targets) {
      const name = nameOf(target, key);
      const { code, output } = await buildTarget({ target, name, args: { VERSION: 'test', REVISION: key } });
      if (code !== 0) throw new Error(`The image ${target} could not be built: ${output.trim()}`);
      await layOut(name, join(beside, target));
    }
    await rename(beside, folder);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  await removeOld();
}

async function layOut(name: string, folder: string): Promise<void> {
  const container = await buildahDone('from', '--pull-never', name);
  try {
    const mounted = await buildahDone('mount', container);
    const { code, output } = await runCommand('cp', ['-a', mounted, folder]);
    if (code !== 0) throw new Error(output);
    await writeFile(`${folder}.json`, JSON.stringify(imageConfig(name)));
  } finally {
    await buildahDone('rm', container);
  }
}

async function removeOld(): Promise<void> {
  const builds = readdirSync(imagesFolder)
    .filter((name) => name.startsWith('built-'))
    .map((name) => ({ name, usedMs: statSync(join(imagesFolder, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { name } of builds.slice(KEPT)) await rm(join(imagesFolder, name), { recursive: true, force: true });
}

function nameOf(target: Target, key: string): string {
  return `localhost/perimeter-test/${target}:${key}`;
}

/** SHA-256 over what a build reads of the checkout, and the name of the base; 16 digits. */
function contextDigest(): string {
  const hash = createHash('sha256').update(baseImage);
  const entries = ['Dockerfile', '.dockerignore', ...contextEntries()];
  for (const entry of entries) {
    const path = join(checkout, entry);
    if (!existsSync(path)) continue;
    const names = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => `${entry}/${name}`)
      : [entry];
    for (const name of names.filter((name) => !/\.(?:wasm|tsbuildinfo)$/.test(name)).sort()) {
      const file = join(checkout, name);
      if (statSync(file).isFile()) hash.update(`${name}\n`).update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** What .dockerignore lets in. */
export function contextEntries(): string[] {
  return readFileSync(join(checkout, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
}
