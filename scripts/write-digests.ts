import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestSources } from '../certification/code-digest.ts';
import { digestReportSources } from '../certification/report-digest.ts';
import { buildId } from '../workers/build-id.ts';

/** Writes what is digested from the sources beside the code compiled from them, in the folders that `dist` has. */
export function writeDigests(dist: URL): void {
  const certification = fileURLToPath(new URL('../certification/', import.meta.url));
  const write = (name: string, digest: string) => {
    writeFileSync(new URL(`certification/${name}`, dist), `${JSON.stringify({ digest })}\n`);
  };
  write('code-digest.json', digestSources(certification));
  write('report-digest.json', digestReportSources(certification));
  // Of the sources alone: what the environment of the build says is not of the package.
  writeFileSync(new URL('workers/build-id.json', dist), `${JSON.stringify({ buildId: buildId({}) })}\n`);
}
