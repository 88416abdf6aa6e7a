import { drawCounts } from './classifier/draw-counts.ts';
import { fuseModel } from './classifier/graph/fuse-model.ts';
import { inspectModel, type ModelDescription } from './classifier/graph/inspect-model.ts';
import { openModelPool } from './classifier/model-pool.ts';
import { pairClasses, pairFused } from './classifier/graph/pair-fused.ts';
import { roundHalves } from './classifier/half/round-halves.ts';
import { emptyTally } from './classifier/tally.ts';
import { batchSizeOf, outlineClaim } from './draft-claim.ts';
import { noiseKey } from './noise/noise-key.ts';
import { phases } from './noise/phases.ts';
import { PerimeterError } from './perimeter-error.ts';
import { readExamples } from './read-examples.ts';
import { jsonDigest, sha256Hex } from './records/canonical-json.ts';
import { claimedIndices } from './records/claim.ts';
import { cpu } from './records/device.ts';
import type { Request } from './records/request.ts';
import { lowerBound } from './smoothing/lower-bound.ts';
import { upperBound } from './smoothing/upper-bound.ts';
import { loadDataset } from './sources.ts';

/** Of the interval: as sure as a certificate is by default. */
const confidence = 0.999;

/** Examples held in memory at a time. */
const GROUP = 64;

/** How often a model and its half-precision form name the same top class of the same noisy samples. */
export interface Agreement {
  readonly sigma: number;
  /** Examples that were read, spread over the dataset. */
  readonly examples: number;
  /** Those that were not. */
  readonly unreadable: number;
  readonly samples: number;
  readonly same: number;
  /** Samples of which either model gave logits that are no numbers. */
  readonly notNumbers: number;
  /** `same / samples`. */
  readonly rate: number;
  /**
   * Of Clopper & Pearson, for the mean over these examples of the probability that the two agree; of samples whose
   * probabilities differ the interval is wider than need be (Hoeffding, Ann. Math. Statist. 27, 1956).
   */
  readonly lower: number;
  readonly upper: number;
  readonly confidence: number;
}

/**
 * Compares a float32 classifier with what `convertToHalf` made of it, on equal noisy samples, drawn as a certificate's
 * are. The half-precision one is computed as GPUs do (`roundHalves`), but on the CPU. Equal arguments give equal counts
 * on equal machines.
 *
 * @param options.request names the dataset, sigma, and what else a claim would have
 * @param options.model the float32 model's file
 * @param options.half the half-precision model's file
 * @param options.examples how many examples, spread evenly; all where there are fewer
 * @param options.samples noisy samples of each
 * @throws PerimeterError `InvalidRequest`, `InvalidModel`, `InvalidDataset`, as a run would
 */
export async function measureAgreement(options: {
  request: Request;
  model: Uint8Array;
  half: Uint8Array;
  examples: number;
  samples: number;
  processes: number;
}): Promise<Agreement> {
  const { model, half, examples, samples, processes } = options;
  const dataset = await loadDataset(options.request);
  const stride = Math.max(1, Math.floor(dataset.examples / examples));
  const request = { ...options.request, stride, limit: examples };
  const description = describe(model, request);
  const outline = await outlineClaim({ request, model: { sha256: sha256Hex(model), description }, dataset });
  const { sigma, lambda, stepsPerUnit, elementType } = outline.noise;
  const batchSize = batchSizeOf(request, description);
  const fuse = (bytes: Uint8Array) =>
    fuseModel(bytes, {
      description: describe(bytes, request),
      stepsPerUnit,
      elementType,
      batchSize,
      normalisation: request.normalisation,
      name: request.model,
    });
  const pool = await openModelPool(
    {
      fused: pairFused(fuse(model), fuse(roundHalves(half, request.model)), { batchSize, opset: description.opset }),
      batchSize,
      shape: description.shape,
      classes: Object.keys(pairClasses).length,
      elementType,
      sigma,
      lambda,
      stepsPerUnit,
      threads: request.threads,
      device: cpu,
    },
    processes,
  );
  const key = noiseKey({ seed: 'agreement', claimDigest: jsonDigest([sha256Hex(model), sha256Hex(half), sigma]) });
  const totals = { examples: 0, unreadable: 0, same: 0, different: 0, notNumbers: 0 };
  try {
    const indices = claimedIndices(outline);
    for (let first = 0; first < indices.length; first += GROUP) {
      const group = await readExamples(dataset, indices.slice(first, first + GROUP), outline.noise);
      const read = new Map(group.flatMap((one) => (one.unreadable === undefined ? [[one.index, one.pixels]] : [])));
      const tallies = [...read.keys()].map((example) => emptyTally({ example, classes: 2 }));
      await drawCounts({
        ...{ pool, key, phase: phases.estimation, mixed: pool.probe.batchInvariant, tallies, looks: { at: [samples] } },
        pixels: (example) => read.get(example) ?? new Uint8Array(),
      });
      totals.examples += read.size;
      totals.unreadable += group.length - read.size;
      for (const { counts } of tallies) {
        totals.same += counts[pairClasses.same];
        totals.different += counts[pairClasses.different];
        totals.notNumbers += counts[2];
      }
    }
  } finally {
    await pool.close();
  }
  const { same, different, notNumbers } = totals;
  const n = same + different + notNumbers;
  if (n === 0) throw new PerimeterError('InvalidDataset', `None of the ${totals.unreadable} examples can be read.`);
  const alpha = (1 - confidence) / 2;
  return {
    sigma,
    examples: totals.examples,
    unreadable: totals.unreadable,
    samples: n,
    same,
    notNumbers,
    ...{ rate: same / n, lower: lowerBound({ count: same, n, alpha }).lowerBound },
    ...{ upper: upperBound({ count: same, n, alpha }), confidence },
  };
}

function describe(bytes: Uint8Array, { model, input, output, layout }: Request): ModelDescription {
  return inspectModel(bytes, { name: model, input, output, layout });
}
