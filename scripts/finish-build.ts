/** Puts beside the compiled code what the compiler doesn't: the kernel, and the digest of the sources. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestSources } from '../certification/code-digest.ts';

const root = new URL('..', import.meta.url);
copyFileSync(new URL('certification/noise/kernel.wasm', root), new URL('dist/certification/noise/kernel.wasm', root));
const digest = digestSources(fileURLToPath(new URL('certification/', root)));
writeFileSync(new URL('dist/certification/code-digest.json', root), `${JSON.stringify({ digest })}\n`);
