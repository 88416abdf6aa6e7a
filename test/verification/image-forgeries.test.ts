import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexBytes, indexDigest, parseIndex, type DatasetIndex } from '../../certification/datasets/dataset-index.ts';
import { damage, imageRequest } from '../support/image-request.ts';
import { claiming, forgeRun, rowChange } from '../support/forge-run.ts';
import { runLocally } from '../support/run-locally.ts';
import { createVerifier } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { verify, close } = createVerifier();
let folder: string;
let run: string;

beforeAll(async () => {
  folder = temporaryFolder(afterAll);
  const request = imageRequest(folder, { maxFailedShare: 0.2 });
  damage(join(folder, 'images/cat/420.jpg'));
  run = (await runLocally(request)).folder;
});
afterAll(close);

type Entries = DatasetIndex['entries'];

/** Changes the entries of an index's file. */
const entriesOf = (change: (entries: Entries) => Entries) => (bytes: Buffer) => {
  const { header, entries } = parseIndex(bytes, 'dataset.jsonl');
  return indexBytes({ header, entries: change(entries) });
};

const relabelled = (entries: Entries): Entries =>
  entries.map(([index, label, digest, at]) => [index, index === 4 ? 0 : label, digest, at]);

describe('a run over image files', () => {
  it('verifies, its index and its decoder too', async () => {
    const { sound, of } = await verify(run);
    expect(sound).toBe(true);
    expect(of('index')).toMatchObject({ status: 'passed', detail: "19 examples, the claim's; each row has its label" });
    expect(of('decoder')).toMatchObject({ status: 'passed' });
  });

  it('is caught with another label in its index, even where claim and row are made to fit and no dataset is here', async () => {
    const index = await forgeRun(run, { files: { 'dataset.jsonl': entriesOf(relabelled) } });
    const inputs = { dataset: join(folder, 'nothing') };
    const otherImage = (entries: Entries): Entries => [[0, 0, '0'.repeat(64), entries[0][3]], ...entries.slice(1)];
    const image = await forgeRun(run, { files: { 'dataset.jsonl': entriesOf(otherImage) } });
    expect((await verify(image, { replay: 0, inputs })).failed).toEqual(['index']);
    expect((await verify(index, { replay: 0, inputs })).failed).toEqual(['index']);
    const row = await forgeRun(run, { rows: rowChange(4, () => ({ label: 0, correct: false })) });
    expect((await verify(row, { replay: 0, inputs })).failed).toContain('index');

    let sha256 = '';
    const forged = await forgeRun(run, {
      files: {
        'dataset.jsonl': (bytes) => {
          const changed = entriesOf(relabelled)(bytes);
          sha256 = indexDigest(parseIndex(changed, 'x'));
          return changed;
        },
      },
    });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    const fitting = await forgeRun(forged, {
      plan: claiming(({ dataset }) => ({ dataset: { ...dataset, sha256 } })),
      rows: rowChange(4, () => ({ label: 0, correct: false })),
    });
    const verification = await verify(fitting, { replay: 0 });
    expect(verification.of('index')).toMatchObject({ status: 'passed' });
    // The images that are here have their own labels.
    expect(verification.failed).toContain('dataset');
  });

  it('is caught with examples left out, in another order, or with no index', async () => {
    for (const change of [(entries: Entries) => entries.slice(1), (entries: Entries) => [...entries].reverse()]) {
      const forged = await forgeRun(run, { files: { 'dataset.jsonl': entriesOf(change) } });
      expect((await verify(forged, { replay: 0 })).failed).toEqual(['index']);
    }
    const none = await forgeRun(run, { files: { 'dataset.jsonl': null } });
    expect((await verify(none, { replay: 0 })).failed).toEqual(['results', 'index']);
    const nonsense = await forgeRun(run, { files: { 'dataset.jsonl': () => Buffer.from('{}\n') } });
    expect((await verify(nonsense, { replay: 0 })).failed).toEqual(['index']);
  });

  it('whose decoder makes other pixels is noted, and its replay isn’t expected to be equal', async () => {
    const probe = '0'.repeat(64);
    const forged = await forgeRun(run, {
      plan: claiming(({ dataset }) => ({
        dataset: { ...dataset, images: { ...(dataset.images ?? expect.fail()), probe } },
      })),
    });
    const { of } = await verify(forged);
    expect(of('claim')).toMatchObject({ status: 'passed' });
    expect(of('decoder')).toMatchObject({ status: 'noted' });
  });

  it('of images that were changed since fails by its dataset', async () => {
    const other = temporaryFolder();
    const { dataset } = imageRequest(other);
    damage(join(other, 'images/cat/420.jpg'));
    expect((await verify(run, { replay: 0, inputs: { dataset } })).sound).toBe(true);
    appendFileSync(join(other, 'images/dog/rgb.png'), 'x');
    expect((await verify(run, { replay: 0, inputs: { dataset } })).failed).toContain('dataset');
    rmSync(join(other, 'images/dog/rgb.png'));
    expect((await verify(run, { replay: 0, inputs: { dataset } })).failed).toContain('dataset');
  });
});
