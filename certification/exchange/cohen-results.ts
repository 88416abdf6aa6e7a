import { PerimeterError } from '../perimeter-error.ts';
import { jsonDigest, sha256Hex } from '../records/canonical-json.ts';
import type { Norm } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';
import { accuracyCurve } from '../report/accuracy-curve.ts';
import type { CertifiedResults, CertifiedSetting } from '../report/certified-results.ts';
import { groupCounts } from '../report/group-counts.ts';
import { groupThousands } from '../report/group-thousands.ts';
import { COHEN_ABSTAIN } from '../records/cohen-columns.ts';
import { certifiedTexts } from './audit-file.ts';
import { importedRadii } from './imported-radii.ts';
import { latticeVerdict } from './lattice-verdict.ts';
import { modelOfName, sigmaOfName } from './name-parts.ts';
import { readCohen, type CohenRows } from './read-cohen.ts';

/** What a file in Cohen et al.'s columns doesn't say of itself. */
export interface CohenOptions {
  /** What to call the file: its path as it was given. */
  readonly name: string;
  /** Left out, what the path names as `sigma_0.25` or `noise_0.25`. For ℓ1, λ of noise uniform on [−λ, λ]. */
  readonly sigma?: number | undefined;
  /** Left out, as in certify.py: 100,000. */
  readonly n?: number | undefined;
  /** Left out, as in certify.py: 100. */
  readonly n0?: number | undefined;
  /** Left out, the one level that can have given the radii, else as in certify.py: 0.001. */
  readonly alpha?: number | undefined;
  /** One minus the confidence of the bounds on certified accuracy; 0.001 by default. */
  readonly rho?: number | undefined;
  /** Left out, ℓ2. */
  readonly norm?: Norm | undefined;
}

/** The defaults of certify.py, and rho as in a request. */
export const cohenDefaults = { n: 100_000, n0: 100, alpha: 0.001, rho: 0.001 } as const;

/**
 * Reads results in the columns of Cohen et al.'s `certify.py` (`readCohen`), as tables and comparisons take them. Nothing of
 * them is checked but that they don't contradict themselves: what of `alpha` can be seen in the radii is in the notes.
 *
 * @throws PerimeterError `InvalidRequest` where the file is none in those columns, has no examples, or its σ is unknown.
 */
export function cohenResults(bytes: Uint8Array, options: CohenOptions): CertifiedResults {
  const rows = readCohen(bytes, options.name);
  if (rows.indices.length === 0) {
    throw new PerimeterError(
      'InvalidRequest',
      `${options.name} has a header and no examples: there are no results in it.`,
    );
  }
  return resultsOf({ rows, file: sha256Hex(bytes), options });
}

/** The results of a file that has examples. */
export function resultsOf({
  rows,
  file,
  options,
}: {
  rows: CohenRows;
  /** The file's SHA-256. */
  file: string;
  options: CohenOptions;
}): CertifiedResults {
  const { name } = options;
  const { setting, notes } = settingOf(rows, options);
  const { indices, labels, predictions, radii } = rows;
  const { scale: sigma, n, n0, alpha, rho, norm } = setting;
  const claim = jsonDigest({ cohen: file, sigma, n, n0, alpha, rho, norm });
  return {
    name,
    model: modelOfName(name),
    setting,
    summary: summaryOf(rows, setting, claim),
    indices,
    labels,
    radii: radii.map((radius, at) => (labels[at] === predictions[at] ? radius : -1)),
    notes: [...rows.notes, ...notes],
  };
}

function settingOf(rows: CohenRows, options: CohenOptions): { setting: CertifiedSetting; notes: string[] } {
  const { name, norm = 'l2', n = cohenDefaults.n, n0 = cohenDefaults.n0, rho = cohenDefaults.rho } = options;
  const sigma = options.sigma ?? sigmaOfName(name);
  if (sigma === undefined) {
    throw new PerimeterError(
      'InvalidRequest',
      `${name} doesn't say the noise's σ, in its name neither (as sigma_0.25 would): give --sigma.`,
    );
  }
  // The law whose own radii those of the norm are.
  const law = norm === 'l1' ? 'uniform' : 'gaussian';
  const asked = options.alpha ?? cohenDefaults.alpha;
  const radii = certifiedTexts(rows);
  const verdict = norm === 'l2' ? latticeVerdict({ radii, sigma, n, timed: rows.timed, asked }) : undefined;
  // A smaller level than the usual one would make the bounds on accuracy less careful, by what may be chance.
  const told = verdict?.alpha !== undefined && verdict.alpha >= cohenDefaults.alpha ? verdict.alpha : undefined;
  const alpha = options.alpha ?? told ?? cohenDefaults.alpha;
  const assumed = [
    ...(options.sigma === undefined ? [`${law === 'uniform' ? 'λ' : 'σ'} = ${sigma}, from its name`] : []),
    ...(options.n === undefined ? [`n = ${groupThousands(n)}`] : []),
    ...(options.n0 === undefined ? [`n0 = ${groupThousands(n0)}`] : []),
    ...(options.alpha === undefined && told === undefined ? [`α = ${alpha}`] : []),
  ];
  const notes = [
    ...(assumed.length > 0 ? [`The file doesn't say all of its statistics; assumed: ${assumed.join('; ')}.`] : []),
    ...(options.alpha === undefined && told !== undefined ? [`α = ${alpha} is taken, as the radii tell it.`] : []),
    ...(options.alpha !== undefined && verdict?.contradicted
      ? [`α = ${alpha} was given, but the radii contradict it.`]
      : []),
    verdict?.sentence ?? 'Whether α fits the radii can be told of ℓ2 alone.',
    'An abstention has no first guess in this format, and counts as wrong in the clean accuracy.',
  ];
  return { setting: { mode: 'fixed', norm, law, scale: sigma, n0, n, alpha, rho }, notes };
}

function summaryOf(
  { indices, labels, predictions, radii }: CohenRows,
  { norm, law, n, n0, alpha, rho }: CertifiedSetting,
  claim: string,
): Summary {
  const examples = indices.length;
  const groups = groupCounts();
  const curve = accuracyCurve({
    radii: importedRadii(radii.reduce((most, each) => Math.max(most, each), 0)),
    alpha,
    rho,
  });
  for (let at = 0; at < examples; at += 1) {
    const row = {
      label: labels[at],
      status: predictions[at] === COHEN_ABSTAIN ? ('abstained' as const) : ('certified' as const),
      correct: labels[at] === predictions[at],
      radius: radii[at],
    };
    groups.add(row);
    curve.add(row);
  }
  const { certified, abstained, correct } = groups.all.counts;
  return {
    mode: 'fixed',
    imported: true,
    ...(norm !== 'l2' && { norm }),
    ...(law === 'uniform' && { noise: law }),
    claim,
    examples,
    certified,
    abstained,
    skipped: 0,
    failed: 0,
    samples: examples * (n0 + n),
    skippedSamples: 0,
    cleanAccuracy: correct / examples,
    abstentionRate: abstained / examples,
    averageCertifiedRadius: groups.all.averageCertifiedRadius(),
    rho,
    curve: curve.points(examples),
    perClass: groups.perClass(),
  };
}
