import { mkdir } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PerimeterError } from '../../../certification/perimeter-error.ts';
import { runCommand } from '../../../cli/dev/run-command.ts';

/** A package of npm, with the checksum that package-lock.json would have. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** Fetches a package and unpacks it into a folder, which it makes. @throws PerimeterError `MissingPart` */
export async function unpackNpmPackage({ name, version, integrity }: NpmPackage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const packed = await runCommand('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder]);
  const missing = (reason: string) =>
    new PerimeterError('MissingPart', `The tests of the images need ${name} ${version} of npm, and ${reason}.`);
  if (packed.code !== 0) throw missing(`npm pack failed: ${packed.output.trim().slice(-300)}`);
  const file = join(folder, `${name}-${version}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== integrity) throw missing(`it has checksum ${found}, expected ${integrity}`);
  const unpacked = await runCommand('tar', ['-xzf', file, '-C', folder, '--strip-components=1']);
  if (unpacked.code !== 0) throw missing(`tar failed: ${unpacked.output.trim().slice(-300)}`);
}
