/** Refuses an image in which ONNX Runtime's CUDA provider can't be loaded: run in the image itself. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { howToGetIt, providerFiles } from './cuda-provider.ts';
import { refuse } from './refuse.ts';

/** The driver's: the container runtime puts it there when a GPU is given to a container. */
const OF_THE_DRIVER = 'libcuda.so.1';
/** Opened by name as a session is made, and so not among what the provider is linked with. */
const OPENED_LATER = 'libcudnn.so.9';

const [folder] = process.argv.slice(2);
const base = 'choose a base (CUDA) that has it, of the CUDA release that the provider was built for';
for (const file of providerFiles) {
  const path = join(folder, file);
  if (!existsSync(path)) refuse(`ONNX Runtime's CUDA provider is missing (${file}): ${howToGetIt}.`);
  const { status, stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
  if (status !== 0) refuse(`${file} isn't a library that this image's system can load: ${howToGetIt}.`);
  const missing = stdout
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map(
      (line) =>
        line
          .trim()
          .replace(/^.*: version/, 'version')
          .split(' => ')[0],
    )
    .filter((library) => library !== OF_THE_DRIVER);
  if (missing.length > 0)
    refuse(`${file} can't be loaded in this image, as ${missing.join(', ')} is missing: ${base}.`);
}
const cache = execFileSync('ldconfig', ['-p'], { encoding: 'utf8' });
if (!cache.includes(OPENED_LATER)) refuse(`The CUDA provider needs ${OPENED_LATER}, which this image lacks: ${base}.`);
