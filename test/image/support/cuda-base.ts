import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../cli/dev/run-command.ts';
import { installPrograms } from '../../support/debian-programs.ts';
import { baseImage } from './base-image.ts';
import { buildahDone } from './buildah.ts';

/** NVIDIA's libraries that the provider of CUDA 13 is linked with, or opens. */
const LIBRARIES = ['libcudart.so.13', 'libcublas.so.13', 'libcublasLt.so.13', 'libcurand.so.10', 'libcudnn.so.9'];

/**
 * Makes an image that stands in for NVIDIA's: its libraries are there by name and version, and do nothing. It shows what a
 * build checks; nothing can be run on a GPU with it.
 *
 * @returns its name
 */
export async function makeCudaBase(folder: string): Promise<string> {
  await installPrograms({ programs: { gcc: 'gcc' }, purpose: 'The test of the CUDA image' });
  const libraries = join(folder, 'cuda');
  mkdirSync(libraries);
  for (const name of LIBRARIES) {
    const versions = join(folder, `${name}.map`);
    writeFileSync(versions, `${name} { };\n`);
    const args = [
      '-shared',
      '-nostdlib',
      `-Wl,-soname,${name}`,
      `-Wl,--version-script=${versions}`,
      '-x',
      'c',
      '/dev/null',
    ];
    const { code, output } = await runCommand('gcc', [...args, '-o', join(libraries, name)]);
    if (code !== 0) throw new Error(output);
  }
  const name = 'localhost/perimeter-test/cuda:13';
  const container = await buildahDone('from', '--pull-never', baseImage);
  await buildahDone('copy', '--quiet', container, libraries, '/usr/local/cuda/lib');
  await buildahDone(
    'run',
    container,
    '--',
    'sh',
    '-c',
    'echo /usr/local/cuda/lib > /etc/ld.so.conf.d/cuda.conf && ldconfig',
  );
  await buildahDone('commit', '--quiet', '--rm', container, name);
  return name;
}
