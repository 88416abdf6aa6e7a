import { cpSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../cli/dev/run-command.ts';
import { providerFiles } from '../../scripts/image/cuda-provider.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { baseImage } from './support/base-image.ts';
import { buildahDone } from './support/buildah.ts';
import { makeCudaBase } from './support/cuda-base.ts';
import { findCudaProvider } from './support/cuda-provider.ts';
import { buildTarget, checkout, contextEntries, findImages } from './support/find-images.ts';

const BUILD_MS = 900_000;
const NAME = 'localhost/perimeter-test/sampler-cuda:test';

describe('the CUDA sampler image', () => {
  const folder = temporaryFolder(afterAll);
  const context = join(folder, 'context');
  const provided = join(context, 'cuda-provider');
  let provider: string;

  beforeAll(async () => {
    // Its layers but for the provider's are those of the others.
    await findImages();
    provider = await findCudaProvider();
    mkdirSync(context);
    for (const entry of ['Dockerfile', '.dockerignore', ...contextEntries()]) {
      if (entry !== 'cuda-provider') cpSync(join(checkout, entry), join(context, entry), { recursive: true });
    }
  }, BUILD_MS);

  function provide(files: readonly string[]): void {
    rmSync(provided, { recursive: true, force: true });
    mkdirSync(provided);
    writeFileSync(join(provided, 'README'), '');
    for (const file of files) cpSync(join(provider, file), join(provided, file));
  }

  const build = (cuda: string) =>
    buildTarget({ target: 'sampler-cuda', name: NAME, context, args: { CUDA: cuda, CUDA_PROVIDER: 'local' } });

  /** Runs a script of the build as the build does, but here. */
  function script(name: string, args: readonly string[], before: readonly string[] = []) {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const node = [process.execPath, '--import', loader, join(checkout, 'scripts/image', name), ...args];
    const [command = '', ...rest] = [...before, ...node];
    return runCommand(command, rest, { cwd: checkout });
  }

  it('is not built without the CUDA provider', { timeout: BUILD_MS }, async () => {
    provide(['libonnxruntime_providers_shared.so']);
    const { code, output } = await build(baseImage);
    expect(code).not.toBe(0);
    expect(output).toContain("libonnxruntime_providers_cuda.so isn't in cuda-provider/: let the build reach NuGet, or");
  });

  it('is not built where NuGet is out of reach', async () => {
    const { code, output } = await script('fetch-cuda-provider.ts', [join(folder, 'none')], ['unshare', '--net']);
    expect(code).toBe(1);
    expect(output).toMatch(
      /could not be fetched \(libonnxruntime_providers_shared\.so and .*cuda\.so isn't there\): let/,
    );
  });

  it('is not built with a provider of another release', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    linkSync(join(provider, providerFiles[0]), join(other, providerFiles[0]));
    const bytes = readFileSync(join(provider, providerFiles[1]));
    bytes.write('\x001.29.9\0', bytes.indexOf('\x001.30.0\0'), 'latin1');
    writeFileSync(join(other, providerFiles[1]), bytes);
    const { code, output } = await script('take-cuda-provider.ts', [other, join(folder, 'none')]);
    expect(code).toBe(1);
    expect(output).toContain("isn't of ONNX Runtime 1.30.0, which package-lock.json names");
  });

  it('is not built on a base that lacks libraries of the provider', { timeout: BUILD_MS }, async () => {
    provide(providerFiles);
    const { code, output } = await build(baseImage);
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /libonnxruntime_providers_cuda\.so can't be loaded in this image, as libcublasLt\.so\.13, .*libcudart\.so\.13 is missing/,
    );
  });

  it(
    'is built where all of them are there but the driver’s, which comes with the GPU',
    { timeout: BUILD_MS },
    async () => {
      provide(providerFiles);
      const { code, output } = await build(await makeCudaBase(folder));
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
      const container = await buildahDone('from', '--pull-never', NAME);
      try {
        const run = (...args: string[]) => buildahDone('run', '--user', '10001:10001', container, '--', ...args);
        expect(await run('node', '/app/bin/perimeter.js', '--version')).toBe('0.1.0');
        const loaded = await run('sh', '-c', 'ldd /app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/*.so');
        expect(loaded.split('\n').filter((line) => line.includes('not found'))).toEqual([
          '\tlibcuda.so.1 => not found',
        ]);
      } finally {
        await buildahDone('rm', container);
        await buildahDone('rmi', NAME);
      }
    },
  );
});
