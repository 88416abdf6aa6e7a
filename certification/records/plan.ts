import { z } from 'zod';
import { claimSchema, type Claim } from './claim.ts';

/** Where the bytes behind a claim's digests lie; a plan moved elsewhere may name other places for the same bytes. */
const sourcesSchema = z.strictObject({
  model: z.string(),
  input: z.string().nullable(),
  output: z.string().nullable(),
  layout: z.enum(['NCHW', 'NHWC']).nullable(),
  dataset: z.string(),
  labels: z.string().nullable(),
  format: z.enum(['idx', 'npz']).nullable(),
  datasetLayout: z.enum(['NCHW', 'NHWC']).nullable(),
});

/** The frozen request: what is claimed, and how it is carried out. Results depend on the claim alone. */
export const planSchema = z.strictObject({
  run: z.string(),
  claim: claimSchema,
  claimDigest: z.string(),
  sources: sourcesSchema,
  execution: z.strictObject({
    shardSize: z.int().min(1),
    shards: z.int().min(1),
    samplesPerSecond: z.number().describe('Measured when the plan was made; shards and timeouts follow it.'),
    seedSource: z.enum(['random', 'given']).describe('Drawn when the plan was made, or chosen by hand.'),
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
export function plannedSamples(claim: Pick<Claim, 'dataset' | 'sampling'>): number {
  return claim.dataset.count * samplesPerExample(claim.sampling);
}

/** Most samples that one example can cost. */
export function samplesPerExample(sampling: Claim['sampling']): number {
  switch (sampling.mode) {
    case 'fixed':
      return sampling.n0 + sampling.n;
    case 'predict':
      return sampling.n;
  }
}
