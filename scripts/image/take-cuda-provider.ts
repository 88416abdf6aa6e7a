/** Takes ONNX Runtime's CUDA provider out of one folder into another, where it is of the runtime's own release. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { howToGetIt, providerFiles } from './cuda-provider.ts';
import { refuse } from './refuse.ts';

const [from, target] = process.argv.slice(2);
const missing = providerFiles.filter((file) => !existsSync(join(from, file)));
if (missing.length > 0) {
  refuse(
    `ONNX Runtime's CUDA provider is incomplete: ${missing.join(' and ')} isn't in cuda-provider/: ${howToGetIt}.`,
  );
}
const { version } = JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')) as {
  version: string;
};
// The two call each other through tables whose layout changes from release to release, unchecked.
if (!readFileSync(join(from, 'libonnxruntime_providers_cuda.so')).includes(`\0${version}\0`)) {
  refuse(
    `The CUDA provider in cuda-provider/ isn't of ONNX Runtime ${version}, which package-lock.json names: ${howToGetIt}.`,
  );
}
mkdirSync(target, { recursive: true });
for (const file of providerFiles) copyFileSync(join(from, file), join(target, file));
