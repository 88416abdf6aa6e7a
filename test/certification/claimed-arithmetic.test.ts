import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draftClaim } from '../../certification/draft-claim.ts';
import type { Claim } from '../../certification/records/claim.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { Request } from '../../certification/records/request.ts';
import { createSampler, type LoadedModel } from '../../certification/sampler.ts';
import type { DigestedDataset } from '../../certification/sources.ts';
import { checkClaim } from '../../certification/verification/check-inputs.ts';
import { smallRequest } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the arithmetic of a claim is what its request asks for', () => {
  const sampler = createSampler({ processes: 1 });
  let asked: Request;
  let claim: Claim;
  let inputs: { model: LoadedModel; dataset: DigestedDataset };
  beforeAll(async () => {
    asked = parseRequest(smallRequest('fixed', temporaryFolder(afterAll)), 'a test');
    const draft = await draftClaim(sampler, asked);
    claim = { ...(draft.claim as Omit<Claim, 'seed'>), seed: 's' };
    const dataset = (await sampler.loadDataset(asked)) as DigestedDataset;
    inputs = { model: await sampler.loadModel(asked), dataset };
  });
  afterAll(() => sampler.close());

  const check = (request: Partial<Request>, arithmetic: Partial<Claim['arithmetic']>) =>
    checkClaim({
      claim: { ...claim, arithmetic: { ...claim.arithmetic, ...arithmetic } },
      request: { ...asked, ...request },
      ...inputs,
    });
  const onCuda = { provider: 'cuda', cuda: { tf32: true, channelsLast: true } } as const;

  it('on the CPU, where the size of the input decides the batch', async () => {
    expect(await check({}, {})).toMatchObject({ status: 'passed' });
    expect(await check({}, { batchSize: 512 })).toMatchObject({ status: 'failed' });
  });

  it('on CUDA, where the batch is measured unless the request names one', async () => {
    expect(await check({}, { ...onCuda, batchSize: 512 })).toMatchObject({ status: 'passed' });
    expect(await check({ batchSize: 512 }, { ...onCuda, batchSize: 512 })).toMatchObject({ status: 'passed' });
    expect(await check({ batchSize: 64 }, { ...onCuda, batchSize: 512 })).toMatchObject({ status: 'failed' });
  });

  it('in TF32, unless the request says not', async () => {
    const full = { ...onCuda, cuda: { tf32: false, channelsLast: false } };
    expect(await check({ tf32: true }, onCuda)).toMatchObject({ status: 'passed' });
    expect(await check({ tf32: false }, full)).toMatchObject({ status: 'passed' });
    expect(await check({ tf32: false }, onCuda)).toMatchObject({ status: 'failed' });
    expect(await check({}, full)).toMatchObject({ status: 'failed' });
  });
});
