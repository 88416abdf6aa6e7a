import { formatRadius } from '../report/format-radius.ts';
import { groupThousands } from '../report/group-thousands.ts';
import { latticeAudit, type Level, type LevelFinding } from './lattice-audit.ts';
import type { Printing } from './printed-radii.ts';

/** Levels that are used, and so tried. */
export const auditedAlphas: readonly number[] = [1e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1];

/** A way that radii were made and printed, in words. */
interface Explanation {
  readonly bounds: readonly Level['bound'][];
  readonly printing: Printing;
  readonly words: string;
}

/** The likeliest first: the first that explains a file's radii is taken. */
const EXPLANATIONS: Readonly<Record<'certifyPy' | 'ours', readonly Explanation[]>> = {
  certifyPy: [
    { bounds: ['clopper-pearson'], printing: 'rounded', words: 'rounded to nearest, as certify.py prints them' },
    { bounds: ['clopper-pearson', 'runner-up'], printing: 'floored', words: 'floored' },
  ],
  ours: [{ bounds: ['runner-up', 'clopper-pearson'], printing: 'floored', words: 'floored, as exports of runs are' }],
};

/** What the radii of a file tell of the level of its certificates. */
export interface LatticeVerdict {
  /** The one level of those tried that can have given the radii; undefined where none can, or several. */
  readonly alpha: number | undefined;
  /** Whether the radii contradict the level that was asked about. */
  readonly contradicted: boolean;
  readonly sentence: string;
}

/**
 * Which of the usual levels can have given a file's radii by CERTIFY with n samples.
 *
 * @param radii as printed, of all certified examples.
 * @param sigma of Gaussian noise, in input units.
 * @param timed whether the file has times: those of runs of ours have none, and floored radii.
 * @param asked a level to say something of beside the usual ones.
 */
export function latticeVerdict({
  radii,
  sigma,
  n,
  timed,
  asked,
}: {
  radii: readonly string[];
  sigma: number;
  n: number;
  timed: boolean;
  asked: number;
}): LatticeVerdict {
  const alphas = [...new Set([...auditedAlphas, asked])].sort((a, b) => a - b);
  const explanations = timed ? EXPLANATIONS.certifyPy : EXPLANATIONS.ours;
  const known = new Map<string, ReturnType<typeof latticeAudit>>();
  const auditOf = (bound: Level['bound']) => {
    const made =
      known.get(bound) ?? latticeAudit({ radii, sigma, levels: alphas.map((alpha) => ({ n, alpha, bound })) });
    known.set(bound, made);
    return made;
  };
  const first = auditOf(explanations[0].bounds[0]);
  const samples = `n = ${groupThousands(n)}`;
  const untold = (sentence: string) => ({ alpha: undefined, contradicted: false, sentence });
  if (first.greatest === undefined) return untold('There is no radius above 0 that could tell n or α.');
  if (first.asked) {
    return untold(
      `The ${first.radii} distinct radii are round, as those of a grid that was asked for: they can't tell n or α.`,
    );
  }
  for (const { bounds, printing, words } of explanations) {
    const findings = bounds.flatMap((bound) => auditOf(bound).findings);
    const fitting = findings.filter(({ fit }) => fit[printing].fits);
    if (fitting.length === 0) continue;
    const levels = [...new Set(fitting.map(({ alpha }) => alpha))].sort((a, b) => a - b);
    const contradicted = !levels.includes(asked);
    const against = contradicted ? `; ${contradictionOf(findings, asked, printing)}` : '';
    const told =
      levels.length > 1
        ? `The radii (${words}) don't tell α: at ${samples} they can be those of α = ${levels.join(', ')}`
        : `Of the levels tried at ${samples} the radii (${words}) can be those of α = ${levels[0]} alone: ` +
          evidence(fitting[0], printing, first.greatest);
    const alpha = levels.length > 1 ? undefined : levels[0];
    return { alpha, contradicted, sentence: `${told}${against}.` };
  }
  return {
    alpha: undefined,
    contradicted: true,
    sentence:
      `The radii are those of none of the levels tried at ${samples} (α = ${alphas.join(', ')}): ` +
      `${contradictionOf(first.findings, asked, explanations[0].printing)}.`,
  };
}

function evidence(
  { greatest, fit }: LevelFinding,
  printing: Printing,
  found: { text: string; examples: number },
): string {
  const own = fit[printing];
  const telling = own.fits ? own.telling : 0;
  const many = found.examples === 1 ? '1 example' : `${groupThousands(found.examples)} examples`;
  return (
    `${telling} of the distinct radii stand where its lattice is coarse, and all are on it; ` +
    `its greatest is ${formatRadius(greatest, 4)}, and the file's ${found.text} (${many})`
  );
}

/** Why a level can't have given the radii. */
function contradictionOf(findings: readonly LevelFinding[], asked: number, printing: Printing): string {
  const { n, greatest, fit } = findings.find(({ alpha }) => alpha === asked) ?? findings[0];
  const own = fit[printing];
  if (own.fits) throw new RangeError(`Expected a level that is contradicted, found alpha ${asked}.`);
  const samples = groupThousands(n);
  const why =
    own.why === 'above the greatest'
      ? `, as its greatest (all ${samples} samples of one class) is ${formatRadius(greatest, 4)}`
      : `, which no count of ${samples} samples has`;
  return `α = ${asked} is contradicted by radius ${own.radius}${why}`;
}
