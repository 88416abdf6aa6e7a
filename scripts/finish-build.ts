/** Puts beside the compiled code what the compiler doesn't: what isn't TypeScript, and what is digested from the sources. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestSources } from '../certification/code-digest.ts';
import { buildId } from '../workers/build-id.ts';

const root = new URL('..', import.meta.url);
copyFileSync(new URL('certification/noise/kernel.wasm', root), new URL('dist/certification/noise/kernel.wasm', root));
copyFileSync(new URL('workers/encoded-failures.cjs', root), new URL('dist/workers/encoded-failures.cjs', root));
const digest = digestSources(fileURLToPath(new URL('certification/', root)));
writeFileSync(new URL('dist/certification/code-digest.json', root), `${JSON.stringify({ digest })}\n`);
// Of the sources alone: what the environment of the build says is not of the package.
writeFileSync(new URL('dist/workers/build-id.json', root), `${JSON.stringify({ buildId: buildId({}) })}\n`);
