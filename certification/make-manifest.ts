import { claimMarks } from './claim-marks.ts';
import { manifestSchema, runDigest, type Manifest } from './records/manifest.ts';
import type { Plan } from './records/plan.ts';
import { requestDigest } from './records/request.ts';

/**
 * A run's manifest: what its certificates belong to, and all that it left.
 *
 * @param objects every other object of the run, in the order: commitment, plan, index of the dataset, the manifests of the
 *   generations before, shards, results, metrics.
 * @param options.generation of the results; the first isn't stated.
 * @param options.report digest of the code that made the results of the rows, where it is known.
 */
export function makeManifest(
  { run, request, claim, claimDigest, seed }: Plan,
  objects: Manifest['objects'],
  { generation = 1, report }: { generation?: number | undefined; report?: string | undefined },
): Manifest {
  return manifestSchema.parse({
    version: 1,
    run,
    ...(generation > 1 && { generation }),
    digests: {
      request: requestDigest(request),
      model: claim.model.sha256,
      dataset: claim.dataset.sha256,
      code: claim.code,
      claim: claimDigest,
      ...(report !== undefined && { report }),
      run: runDigest(objects),
    },
    seed,
    ...claimMarks(claim),
    objects,
  });
}
