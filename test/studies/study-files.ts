import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fashionMnist, modelForSigma050 } from '../support/fashion-mnist.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The example's models, each with the sigma that it was trained for. */
export const pairs = [
  { model: fashionMnist.model, sigma: 0.25 },
  { model: modelForSigma050, sigma: 0.5 },
];

/** What a study of the example says besides: a few seconds' work. */
export const statistics = {
  dataset: fashionMnist.dataset,
  labels: fashionMnist.labels,
  ...{ limit: 20, n0: 20, n: 300, seed: 'studies' },
};

/** Written anew by whoever carries the run out: times and costs. */
const TIMED = ['plan.json', 'metrics.json', 'manifest.json'];

/** A request file with these settings. @param atEnd `afterAll`, where a whole file of tests shares it. */
export function studyFile(settings: Record<string, unknown>, atEnd?: (cleanUp: () => void) => void): string {
  const file = join(temporaryFolder(atEnd), 'study.yaml');
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

/** All result files of a run by name, but those that tell of times. */
export function filesOf(out: string, run: string): Record<string, string> {
  const folder = join(out, 'runs', run);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !TIMED.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}
