import { z } from 'zod';
import { claimSchema, type Claim } from './claim.ts';
import { requestSchema } from './request.ts';
import { seedSourceSchema } from './seed.ts';

/** The frozen request: what is claimed, and how it is carried out. Results depend on the claim alone. */
export const planSchema = z.strictObject({
  run: z.string(),
  request: requestSchema.describe('As it was asked, defaults filled in; model and dataset are read from its places.'),
  claim: claimSchema.refine(
    ({ stub, arithmetic }) => (stub !== undefined) === (arithmetic.provider === 'stub'),
    'a stub is computed by no other provider, and nothing else is by that one',
  ),
  claimDigest: z.string(),
  seed: seedSourceSchema,
  execution: z.strictObject({
    shardSize: z.int().min(1),
    shards: z.int().min(1),
    samplesPerSecond: z.number().describe('Measured when the plan was made; shards and timeouts follow it.'),
    createdAt: z.string(),
  }),
});
export type Plan = z.infer<typeof planSchema>;

/** Positions (0-based, in the claim's order of examples) of one shard: first inclusive, end exclusive. */
export function shardPositions(plan: Plan, shard: number): { first: number; end: number } {
  const { shardSize } = plan.execution;
  return { first: shard * shardSize, end: Math.min((shard + 1) * shardSize, plan.claim.dataset.count) };
}

/** Most samples that a run can draw: selection and estimation of every example. */
export function plannedSamples(claim: {
  dataset: Pick<Claim['dataset'], 'count'>;
  sampling: Claim['sampling'];
}): number {
  return claim.dataset.count * samplesPerExample(claim.sampling);
}

/** Most samples that one example can cost. */
export function samplesPerExample(sampling: Claim['sampling']): number {
  switch (sampling.mode) {
    case 'fixed':
    case 'sequential':
      return sampling.n0 + sampling.n;
    case 'predict':
      return sampling.n;
  }
}
