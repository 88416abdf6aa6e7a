import { appendFileSync, cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certifyDataset } from '../../certification/certify-dataset.ts';
import { draftClaim } from '../../certification/draft-claim.ts';
import { planRun, readPlan } from '../../certification/plan-run.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { createSampler, openPlan } from '../../certification/sampler.ts';
import { loadPlannedDataset } from '../../certification/sources.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { tar } from '../datasets/tar.ts';
import { damage, imageRequest, IMAGE_SIDE } from '../support/image-request.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { createVerifier } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const damaged = "its image can't be decoded: its file is damaged or not whole";

const { verify, close } = createVerifier();
afterAll(close);

describe('a run over image files', () => {
  it('verifies, and keeps an index of what it certified', async () => {
    const folder = temporaryFolder();
    const { certificates, plan, folder: run } = await runLocally(imageRequest(folder, { stride: 2 }));
    expect(certificates.map(({ index }) => index)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(certificates.map(({ label }) => label)).toEqual([0, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    expect(plan.claim.dataset).toMatchObject({
      digestOf: 'examples',
      examples: 19,
      stride: 2,
      count: 10,
      indices: null,
    });
    const [header, ...entries] = readFileSync(join(run, 'dataset.jsonl'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(header)).toMatchObject({
      version: 1,
      examples: 19,
      shape: [3, IMAGE_SIDE, IMAGE_SIDE],
      base: 'uri',
    });
    expect(entries).toHaveLength(10);
    expect(await verify(run)).toMatchObject({ sound: true, failed: [] });
  });

  it.each(['fixed', 'sequential', 'predict'] as const)(
    'in mode %s has a failed row for an image that is damaged, and the others go on',
    async (mode) => {
      const folder = temporaryFolder();
      const how = { fixed: {}, sequential: { radii: [0.1], n: 600 }, predict: { mode: 'predict' as const } }[mode];
      const asked = imageRequest(folder, { ...how, maxFailedShare: 0.2 });
      damage(join(folder, 'images/cat/420.jpg'));
      damage(join(folder, 'images/Zebra/lossless.webp'));
      const { certificates, folder: run, summary } = await runLocally(asked);
      expect(summary).toMatchObject({ examples: 19, failed: 2 });
      const failed = certificates.filter(({ status }) => status === 'failed');
      expect(failed.map(({ index, label, reason }) => [index, label, reason])).toEqual([
        [0, 0, damaged],
        [2, 1, damaged],
      ]);
      const verification = await verify(run);
      expect(verification).toMatchObject({ sound: true, failed: [] });
      // The damaged ones are replayed too: they fail again.
      expect(verification.of('replay')?.detail).toMatch(/19 of 19 examples/);
    },
  );

  it('of too many damaged images publishes nothing', async () => {
    const folder = temporaryFolder();
    const asked = imageRequest(folder);
    damage(join(folder, 'images/cat/420.jpg'));
    await expect(certifyDataset(asked)).rejects.toMatchObject({
      code: 'TooManyFailures',
      message: expect.stringContaining(`example 2: ${damaged}.`) as string,
    });
    expect(await openStore(folder).has('runs/r/manifest.json')).toBe(false);
  });

  it('gives the same bytes from a folder and from a tar file of the same images', async () => {
    const folder = temporaryFolder();
    const ofFolder = await runLocally(imageRequest(folder));
    const index = readFileSync(join(ofFolder.folder, 'dataset.jsonl'), 'utf8').trimEnd().split('\n').slice(1);
    const members = index.flatMap((line, at) => {
      const [, label, , { key }] = JSON.parse(line) as [number, number, string, { key: string }];
      const name = String(at).padStart(4, '0');
      const suffix = key.slice(key.lastIndexOf('.'));
      const image = readFileSync(join(folder, 'images', key));
      return [
        { name: `${name}${suffix}`, content: image },
        { name: `${name}.cls`, content: String(label) },
      ];
    });
    const dataset = join(folder, 'images.tar');
    writeFileSync(dataset, tar(...members));
    const ofTar = await runLocally(imageRequest(folder, { dataset, run: 'tar' }));
    expect(ofTar.plan.claimDigest).toBe(ofFolder.plan.claimDigest);
    expect(resultBytes(ofTar.folder)).toEqual(resultBytes(ofFolder.folder));
  });

  it('takes the examples that are named', async () => {
    const folder = temporaryFolder();
    const { certificates, folder: run } = await runLocally(imageRequest(folder, { indices: [1, '5-7', 18], limit: 4 }));
    expect(certificates.map(({ index }) => index)).toEqual([1, 5, 6, 7]);
    expect(await verify(run)).toMatchObject({ sound: true, failed: [] });
    await expect(certifyDataset(imageRequest(folder, { indices: [19], run: 's' }))).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: `"indices" names example 19, but ${join(folder, 'images')} holds 19, 0 to 18.`,
    });
  });
});

describe('a sampler', () => {
  const planned = async (folder: string) => {
    const asked = parseRequest(imageRequest(folder), 'the request');
    const sampler = createSampler({ processes: 1 });
    const store = openStore(folder);
    const draft = await draftClaim(sampler, asked);
    expect(draft.claim.dataset.sha256).toBeNull();
    const plan = await planRun({ store, request: asked, run: 'r', draft, now: new Date(0) });
    return { sampler, store, plan };
  };

  it('reads by the run’s index, and lists nothing', async () => {
    const folder = temporaryFolder();
    const { sampler, store, plan } = await planned(folder);
    try {
      // Another image would shift all that come after it.
      cpSync(join(folder, 'images/cat/420.jpg'), join(folder, 'images/Zebra/a.jpg'));
      const { dataset } = await openPlan(sampler, store, plan);
      expect(await dataset.read(2)).toMatchObject({ index: 2, label: 1 });
    } finally {
      await sampler.close();
    }
  });

  it('refuses an image that was changed, or is gone, as not here: another may have it', async () => {
    const folder = temporaryFolder();
    const { sampler, store, plan } = await planned(folder);
    try {
      const dataset = await loadPlannedDataset(store, plan);
      const path = join(folder, 'images/cat/420.jpg');
      appendFileSync(path, 'x');
      await expect(dataset.read(2)).rejects.toMatchObject({
        code: 'InputUnavailable',
        message: expect.stringMatching(
          /^Example 2 is not what was planned for: file:.*420\.jpg has SHA-256 /,
        ) as string,
      });
      renameSync(path, `${path}.bak`);
      await expect(dataset.read(2)).rejects.toMatchObject({
        code: 'InputUnavailable',
        message: `Example 2 is not here: There is no file ${path}.`,
      });
    } finally {
      await sampler.close();
    }
  });

  it('refuses an index that isn’t the claim’s, and a decoder that makes other pixels', async () => {
    const folder = temporaryFolder();
    const { sampler, store, plan } = await planned(folder);
    try {
      const { claim } = plan;
      const images = { ...(claim.dataset.images ?? expect.fail()), probe: '0'.repeat(64) };
      const other = { ...plan, claim: { ...claim, dataset: { ...claim.dataset, images } } };
      await expect(openPlan(sampler, store, other)).rejects.toMatchObject({
        code: 'ArithmeticMismatch',
        message: expect.stringMatching(
          /the pixels of the decoder's probe have digest [0-9a-f]{64} here and 0{64} in/,
        ) as string,
      });
      const path = join(folder, 'runs/r/dataset.jsonl');
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace('[2,1,', '[2,0,'));
      await expect(loadPlannedDataset(store, plan)).rejects.toMatchObject({ code: 'InputUnavailable' });
      writeFileSync(path, text.slice(0, -20));
      await expect(loadPlannedDataset(store, plan)).rejects.toMatchObject({
        code: 'InvalidDataset',
        message: expect.stringMatching(/dataset\.jsonl is not the index of a dataset, or was changed\.$/) as string,
      });
    } finally {
      await sampler.close();
    }
  });

  it('leaves no plan where the dataset changes while it is planned', async () => {
    const folder = temporaryFolder();
    const asked = parseRequest(imageRequest(folder), 'the request');
    const sampler = createSampler({ processes: 1 });
    try {
      const store = openStore(folder);
      const draft = await draftClaim(sampler, asked);
      cpSync(join(folder, 'images/cat/420.jpg'), join(folder, 'images/cat/more.jpg'));
      await expect(planRun({ store, request: asked, run: 'r', draft, now: new Date(0) })).rejects.toMatchObject({
        code: 'InvalidDataset',
        message: `${asked.dataset} held 19 examples a moment ago and 20 now: certify it when it is whole.`,
      });
      expect(await readPlan(store, 'r')).toBeUndefined();
      expect(await store.list('runs/')).toEqual([]);
    } finally {
      await sampler.close();
    }
  });
});
