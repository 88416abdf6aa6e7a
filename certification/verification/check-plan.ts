import { makeManifest } from '../make-manifest.ts';
import { sha256Hex } from '../records/canonical-json.ts';
import { seedlessDigest } from '../records/claim.ts';
import { commitmentSchema, type Commitment } from '../records/commitment.ts';
import { firstDifference } from '../records/first-difference.ts';
import type { Manifest } from '../records/manifest.ts';
import type { Plan } from '../records/plan.ts';
import { requestDigest, type Request } from '../records/request.ts';
import { runFiles } from '../records/run-keys.ts';
import { challengeSeed, looksDrawn, type SeedSource } from '../records/seed.ts';
import { failed, noted, passed, type Check } from './check.ts';
import { parseRecord } from './parse-record.ts';
import { shardFiles } from './shard-files.ts';

/** Whether the manifest is of this plan, and the plan of what the run had committed to before it drew its seed. */
export function checkPlan({
  manifest,
  plan,
  commitment,
}: {
  manifest: Manifest;
  plan: Plan;
  commitment: Uint8Array;
}): Check {
  const { claim, execution } = plan;
  const expected = makeManifest(plan, manifest.objects, {
    generation: manifest.generation,
    report: manifest.digests.report,
  });
  const difference = firstDifference({ ...manifest }, { ...expected }, 'manifest');
  if (difference !== undefined) return failed('plan', `the manifest isn't the plan's: ${difference}`);
  const shards = shardFiles(manifest).size;
  if (shards !== execution.shards || execution.shards !== Math.ceil(claim.dataset.count / execution.shardSize)) {
    return failed('plan', `${shards} shards in the manifest, and ${execution.shards} in the plan`);
  }
  const committed = commitmentSchema.safeParse(parseRecord(commitment));
  const own: Commitment = {
    version: 1,
    run: plan.run,
    request: requestDigest(plan.request),
    model: claim.model.sha256,
    dataset: claim.dataset.sha256,
    code: claim.code,
    seedlessClaim: seedlessDigest(claim),
  };
  if (!committed.success) return failed('plan', `${runFiles.commitment} is not a commitment`);
  const broken = firstDifference({ ...committed.data }, { ...own }, 'commitment');
  if (broken !== undefined) return failed('plan', `the plan isn't what the run committed to: ${broken}`);
  return passed('plan', `claim ${plan.claimDigest.slice(0, 16)}…, as committed to`);
}

/**
 * Where the seed comes from, as far as that can be told: a challenge's can be computed, and one that is said to be drawn at random must
 * be taken on trust.
 *
 * @param challenge the text that the reviewer had handed in, if any.
 */
export function checkSeed({ claim, seed, request }: Plan, challenge: string | undefined): Check {
  const asked = seedSource(request);
  const difference = firstDifference({ ...seed }, { ...asked }, 'seed');
  if (difference !== undefined) return failed('seed', `it isn't from where the request asks: ${difference}`);
  if (seed.source === 'challenge') {
    if (claim.seed !== challengeSeed(seed.challenge, seedlessDigest(claim))) {
      return failed('seed', "the seed isn't the hash of the challenge with the claim");
    }
    if (challenge !== undefined && seed.challenge !== challenge) {
      return failed('seed', `the run answers another challenge: ${JSON.stringify(seed.challenge)}`);
    }
    const whose = challenge === undefined ? ` ${JSON.stringify(seed.challenge)}` : ', the one given';
    return passed('seed', `the hash of a challenge with the claim${whose}`);
  }
  if (challenge !== undefined) return failed('seed', 'the run answers no challenge');
  if (seed.source === 'given') {
    if (claim.seed !== request.seed) return failed('seed', "it isn't the request's");
    return noted('seed', `chosen by hand, maybe shopped for; SHA-256 ${sha256Hex(claim.seed).slice(0, 16)}…`);
  }
  return looksDrawn(claim.seed)
    ? noted('seed', 'said to be drawn at random; a challenge would prove it')
    : failed('seed', 'said to be drawn at random, and no such seed is ever drawn');
}

function seedSource({ seed, challenge }: Request): SeedSource {
  if (challenge !== undefined) return { source: 'challenge', challenge };
  return { source: seed === undefined ? 'random' : 'given' };
}
