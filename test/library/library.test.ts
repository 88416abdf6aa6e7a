import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { isBuilt } from '../../bin/built.js';
import { reportDigest } from '../../certification/report-digest.ts';
import { writeDigests } from '../../scripts/write-digests.ts';
import { buildId } from '../../workers/build-id.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

describe('the package', () => {
  beforeAll(async () => {
    if (!isBuilt()) await run('npm', ['run', 'build:dist'], { cwd: root });
  });

  it('certifies with the bytes of the checkout, from plain JavaScript', async () => {
    const out = temporaryFolder();
    const request = { ...fashionMnist, limit: 4, n: 200, seed: 'library' };
    const script = `
      import { certifyDataset, lowerBound } from 'perimeter';
      const { summary, url } = await certifyDataset(${JSON.stringify({ ...request, out })});
      console.log(JSON.stringify({ url, examples: summary.examples, bound: lowerBound({ count: 9990, n: 10000, alpha: 0.001 }) }));
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
    const { url, examples, bound } = JSON.parse(stdout) as {
      url: string;
      examples: number;
      bound: { lowerBound: number };
    };
    expect(examples).toBe(4);
    expect(bound.lowerBound).toBeCloseTo(0.99758830803, 10);
    const { folder } = await runLocally({ ...request, out: temporaryFolder() });
    expect(resultBytes(fileURLToPath(url))).toEqual(resultBytes(folder));
  });

  it('has the build id of the checkout, whatever the environment of the build said', () => {
    const folder = temporaryFolder();
    for (const inner of ['certification', 'workers']) mkdirSync(join(folder, inner));
    vi.stubEnv('TEMPORAL_WORKER_BUILD_ID', 'other');
    writeDigests(pathToFileURL(`${folder}/`));
    vi.unstubAllEnvs();
    const file = 'workers/build-id.json';
    expect(readFileSync(join(folder, file), 'utf8')).toBe(readFileSync(join(root, 'dist', file), 'utf8'));
    expect(readFileSync(join(folder, file), 'utf8')).toBe(`${JSON.stringify({ buildId: buildId({}) })}\n`);
  });

  it('makes reports by the code of the checkout, and says so by the same digest', async () => {
    const script = `
      import { reportDigest } from './dist/certification/report-digest.js';
      console.log(reportDigest());
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(stdout).toBe(`${reportDigest()}\n`);
  });

  it('says its build id, or what the environment says in its place', async () => {
    const script = `
      import { buildId } from './dist/workers/build-id.js';
      console.log(buildId({}), buildId({ TEMPORAL_WORKER_BUILD_ID: 'mine' }), buildId({ TEMPORAL_WORKER_BUILD_ID: '' }));
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
    expect(stdout).toBe(`${buildId({})} mine ${buildId({})}\n`);
  });

  it('has types under which every example of docs/library.md compiles', async () => {
    const markdown = readFileSync(`${root}/docs/library.md`, 'utf8');
    const examples = [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
    expect(examples.length).toBeGreaterThan(1);
    // Inside the checkout, so that the package finds itself by name.
    const folder = `${root}/.cache/library-examples`;
    mkdirSync(folder, { recursive: true });
    try {
      examples.forEach((code, at) => {
        writeFileSync(`${folder}/example-${at}.ts`, code);
      });
      const flags = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        '--ignoreConfig',
      ];
      await run(
        `${root}/node_modules/.bin/tsc`,
        [...flags, '--skipLibCheck', ...examples.map((_, at) => `${folder}/example-${at}.ts`)],
        {
          cwd: root,
        },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
