import { digested, type Draft } from './draft-claim.ts';
import { estimateExamples } from './estimate-examples.ts';
import { noiseKey } from './noise/noise-key.ts';
import { jsonDigest } from './records/canonical-json.ts';
import { readExamples } from './read-examples.ts';
import { claimedIndex, mixesExamples, seedlessDigest, type Claim } from './records/claim.ts';
import type { Request } from './records/request.ts';
import { openClaimPool, type Sampler } from './sampler.ts';
import { selectExamples } from './select-examples.ts';

/** The pilot's share of the examples, and the most of them. */
const PILOT_SHARE = 0.05;
const MAX_PILOT = 200;

/** From fewer examples the spread of the costs can't be told. */
const LEAST_FOR_INTERVAL = 5;

/** What a run of sequential mode is expected to cost, selection included. */
export interface ExpectedCost {
  readonly pilotExamples: number;
  readonly samplesPerExample: number;
  /** Of all of the run's examples. */
  readonly samples: number;
  /** Where `samples` lies with a confidence of about 95 %; undefined for a pilot of fewer than 5 examples. */
  readonly interval: readonly [least: number, most: number] | undefined;
}

/**
 * Estimates the cost of a run in sequential mode by certifying every 20th of its examples, at most 200 spread over all, with noise of
 * the pilot's own.
 *
 * @param draft of a claim of mode "sequential".
 */
export async function pilotCost(sampler: Sampler, request: Request, { claim: seedless }: Draft): Promise<ExpectedCost> {
  const claim: Claim = { ...digested(seedless, ''), seed: '' };
  const model = await sampler.loadModel(request);
  const dataset = await sampler.loadDataset(request);
  const { noise } = claim;
  const pool = await openClaimPool(sampler, claim, model);
  const { count } = claim.dataset;
  const pilot = Math.min(Math.ceil(PILOT_SHARE * count), MAX_PILOT);
  const positions = Array.from({ length: pilot }, (_, at) => Math.floor(((at + 0.5) * count) / pilot));
  const examples = await readExamples(
    dataset,
    positions.map((position) => claimedIndex(claim, position)),
    noise,
  );
  // No run's key is made of this digest: what a run will draw is never seen beforehand.
  const key = noiseKey({ seed: '', claimDigest: jsonDigest(['perimeter-pilot', seedlessDigest(claim)]) });
  const drawing = { pool, key, mixed: mixesExamples(claim), examples };
  const { selection } = await selectExamples(claim, drawing);
  const { rows } = await estimateExamples(claim, { ...drawing, selection });
  const n0 = claim.sampling.mode === 'predict' ? 0 : claim.sampling.n0;
  return expectedCost({ costs: rows.map(({ n }) => n0 + n), count });
}

/** The mean of the pilot's costs with Student's interval, narrower where the pilot is much of the whole (Cochran 1977, §2.6). */
export function expectedCost({ costs, count }: { costs: readonly number[]; count: number }): ExpectedCost {
  const pilotExamples = costs.length;
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / pilotExamples;
  const samples = Math.round(mean * count);
  if (pilotExamples < LEAST_FOR_INTERVAL)
    return { pilotExamples, samplesPerExample: mean, samples, interval: undefined };
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / (pilotExamples - 1);
  const unseen = 1 - pilotExamples / count;
  const deviation = studentQuantile(pilotExamples - 1) * Math.sqrt((variance * unseen) / pilotExamples) * count;
  const least = Math.max(
    samples - deviation,
    costs.reduce((sum, cost) => sum + cost, 0),
  );
  return {
    pilotExamples,
    samplesPerExample: mean,
    samples,
    interval: [Math.round(least), Math.round(samples + deviation)],
  };
}

/** The 97.5 % quantile of Student's law, within 0.3 % from 4 degrees of freedom on (Abramowitz & Stegun 26.7.5). */
function studentQuantile(degrees: number): number {
  const z = 1.959964;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0);
}
