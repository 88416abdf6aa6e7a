import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { draftClaim } from '../../certification/draft-claim.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { planRun } from '../../certification/plan-run.ts';
import { createSampler, openPlan } from '../../certification/sampler.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { constantModel } from '../models/constant-model.ts';
import { writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a sampler that lives through a change of its inputs', () => {
  it('drafts from what is there now, and refuses a plan for what was there', async () => {
    const folder = temporaryFolder();
    const sampler = createSampler({ processes: 1 });
    try {
      const model = (winner: number) => constantModel({ shape: [1, 4, 4], classes: 3, winner });
      const inputs = writeInputs({ folder, model: model(0), images: [new Uint8Array(16)], labels: [0], shape: [4, 4] });
      const request = parseRequest({ ...inputs, sigma: 0.25, n: 100 }, 'the request');
      const before = await draftClaim(sampler, request);
      const store = openStore(join(folder, 'out'));
      const plan = await planRun({ store, request, run: 'old', draft: before, now: new Date(0) });
      await openPlan(sampler, store, plan);

      writeFileSync(join(folder, 'model.onnx'), model(1));
      const after = await draftClaim(sampler, request);
      expect(after.claim.model.sha256).not.toBe(before.claim.model.sha256);
      await expect(openPlan(sampler, store, plan)).rejects.toMatchObject({
        code: 'InputUnavailable',
        message: expect.stringMatching(/model\.onnx is not what run old was planned for/) as string,
      });

      writeFileSync(join(folder, 'model.onnx'), model(0));
      await openPlan(sampler, store, plan);
    } finally {
      await sampler.close();
    }
  });

  it.each([
    ['code', { code: '0'.repeat(64) }, {}, /the code has digest/],
    ['logits', {}, { probe: '0'.repeat(64) }, /the logits of the probe batch/],
    ['self-check', {}, { batchInvariant: false }, /the self-check of batches is true here and false in the plan/],
  ])('refuses a plan made with other %s', async (_what, change, arithmetic, sentence) => {
    const folder = temporaryFolder();
    const sampler = createSampler({ processes: 1 });
    try {
      const model = constantModel({ shape: [1, 4, 4], classes: 3, winner: 0 });
      const inputs = writeInputs({ folder, model, images: [new Uint8Array(16)], labels: [0], shape: [4, 4] });
      const request = parseRequest({ ...inputs, sigma: 0.25, n: 100 }, 'the request');
      const { claim, samplesPerSecond } = await draftClaim(sampler, request);
      const changed = { ...claim, ...change, arithmetic: { ...claim.arithmetic, ...arithmetic } };
      const store = openStore(join(folder, 'out'));
      const plan = await planRun({
        store,
        request,
        run: 'r',
        draft: { claim: changed, samplesPerSecond },
        now: new Date(0),
      });
      await expect(openPlan(sampler, store, plan)).rejects.toMatchObject({
        code: 'ArithmeticMismatch',
        message: expect.stringMatching(sentence) as string,
      });
    } finally {
      await sampler.close();
    }
  });
});
