/** Compiles the package into dist/, and puts beside the compiled code what the compiler doesn't. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sourcesDigest } from '../bin/built.js';
import { encodedFailures } from '../workers/data-converter.ts';
import { bundleName, bundleWorkflows } from '../workers/workflow-code.ts';
import { writeDigests } from './write-digests.ts';

const root = new URL('..', import.meta.url);
const dist = new URL('dist/', root);
const stamp = new URL('sources.sha256', dist);

// Before the compiler reads them: what is changed meanwhile is not built.
const sources = sourcesDigest();
rmSync(stamp, { force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { cwd: fileURLToPath(root), stdio: 'inherit' });
const copied = [
  'certification/noise/kernel.wasm',
  'certification/report/page/report.css',
  'certification/report/page/report.js',
  'workers/encoded-failures.cjs',
];
for (const file of copied) {
  mkdirSync(new URL('.', new URL(file, dist)), { recursive: true });
  copyFileSync(new URL(file, root), new URL(file, dist));
}
writeDigests(dist);
for (const failureConverterPath of [undefined, encodedFailures]) {
  const { code } = await bundleWorkflows({ failureConverterPath });
  writeFileSync(new URL(`workflows/${bundleName(failureConverterPath)}`, dist), code);
}
writeFileSync(stamp, sources);
