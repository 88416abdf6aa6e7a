import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestSources } from '../certification/code-digest.ts';
import { buildId } from '../workers/build-id.ts';

/** Writes what is digested from the sources beside the code compiled from them, in the folders that `dist` has. */
export function writeDigests(dist: URL): void {
  const digest = digestSources(fileURLToPath(new URL('../certification/', import.meta.url)));
  writeFileSync(new URL('certification/code-digest.json', dist), `${JSON.stringify({ digest })}\n`);
  // Of the sources alone: what the environment of the build says is not of the package.
  writeFileSync(new URL('workers/build-id.json', dist), `${JSON.stringify({ buildId: buildId({}) })}\n`);
}
