import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheDir } from '../../../certification/storage/cache-dir.ts';
import { runCommand } from '../../../cli/dev/run-command.ts';

/** Where the tests' images lie: apart from those of whoever uses this machine. */
export const imagesFolder = join(cacheDir(), 'images');

const STORAGE = [
  ...['--root', join(imagesFolder, 'storage'), '--runroot', join(imagesFolder, 'run')],
  ...['--storage-driver', 'overlay'],
];

/** Runs buildah on the tests' own images, without a daemon and without a container runtime. */
export function buildah(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const [command, ...rest] = args;
  const isolated = ['from', 'run', 'bud'].includes(command) ? ['--isolation', 'chroot'] : [];
  return runCommand('buildah', [...STORAGE, command, ...isolated, ...rest]);
}

/** @returns what it printed @throws Error where it fails */
export async function buildahDone(...args: readonly string[]): Promise<string> {
  const { code, output } = await buildah(...args);
  if (code !== 0) throw new Error(`buildah ${args.slice(0, 3).join(' ')} … failed: ${output.trim()}`);
  return output.trim();
}

export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** What an image says of how it is run. */
export function imageConfig(name: string): ImageConfig {
  const args = [...STORAGE, 'inspect', '--type', 'image', name];
  const described = JSON.parse(execFileSync('buildah', args, { encoding: 'utf8', maxBuffer: 1 << 28 })) as {
    OCIv1: { config: ImageConfig };
  };
  return described.OCIv1.config;
}
