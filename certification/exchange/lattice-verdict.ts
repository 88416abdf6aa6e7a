import { formatRadius } from '../report/format-radius.ts';
import { groupThousands } from '../report/group-thousands.ts';
import { latticeAudit, type Level, type LevelFinding } from './lattice-audit.ts';
import { hasFewDigits, type Printing } from './printed-radii.ts';

/** Levels that are used, and so tried. */
export const auditedAlphas: readonly number[] = [1e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1];

/** A way that radii were made and printed, in words. */
interface Explanation {
  readonly bounds: readonly Level['bound'][];
  readonly printing: Printing;
  readonly words: string;
}

/** How `certify.py` makes and prints its radii. */
const CERTIFY_PY: Explanation = {
  bounds: ['clopper-pearson'],
  printing: 'rounded',
  words: 'rounded to nearest, as certify.py prints them',
};
/** How runs of ours do. */
const OURS: Explanation = {
  bounds: ['runner-up', 'clopper-pearson'],
  printing: 'floored',
  words: 'floored, as exports of runs are',
};

/** From fewer radii that tell, a level isn't taken for that of the file: another that wasn't tried may have given them too. */
const LEAST_TELLING = 5;

/** What the radii of a file tell of the level of its certificates. */
export interface LatticeVerdict {
  /** The one level of those tried that can have given the radii; undefined where none can, several, or few radii tell. */
  readonly alpha: number | undefined;
  /** Whether the radii contradict the level that was asked about. */
  readonly contradicted: boolean;
  readonly sentence: string;
}

/**
 * Which of the usual levels can have given a file's radii by CERTIFY with n samples. Those of a file that looks like
 * `certify.py`'s own are taken as rounded; where no level explains them so, and those of other files, as rounded or as floored,
 * and a level is contradicted that explains them in neither way.
 *
 * @param radii as printed, of all certified examples.
 * @param sigma of Gaussian noise, in input units.
 * @param timed whether the file has times, which those of runs of ours haven't.
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
  const likely = timed ? CERTIFY_PY : OURS;
  const audits = new Map<string, ReturnType<typeof latticeAudit>>();
  const auditOf = (bound: Level['bound']) => {
    const made =
      audits.get(bound) ?? latticeAudit({ radii, sigma, levels: alphas.map((alpha) => ({ n, alpha, bound })) });
    audits.set(bound, made);
    return made;
  };
  const first = auditOf(likely.bounds[0]);
  const samples = `n = ${groupThousands(n)}`;
  const untold = (sentence: string) => ({ alpha: undefined, contradicted: false, sentence });
  if (first.greatest === undefined) return untold('There is no radius above 0 that could tell n or α.');
  if (first.asked) {
    return untold(
      `The ${first.radii} distinct radii are round or often repeated, as those of a grid that was asked for: they can't tell n or α.`,
    );
  }
  const found = first.greatest;
  const fittingOf = ({ bounds, printing }: Explanation) =>
    bounds.flatMap((bound) => auditOf(bound).findings).filter(({ fit }) => fit[printing].fits);
  const usual = timed && hasFewDigits(radii) ? [CERTIFY_PY] : [];
  const known = usual.some((each) => fittingOf(each).length > 0) ? usual : [likely, timed ? OURS : CERTIFY_PY];
  const fitting = known.flatMap((explanation) => fittingOf(explanation).map((finding) => ({ explanation, finding })));
  const levels = [...new Set(fitting.map(({ finding }) => finding.alpha))].sort((a, b) => a - b);
  const contradicted = !levels.includes(asked);
  const best = fitting.at(0);
  const { printing } = best?.explanation ?? known[0];
  const against = () => contradictionOf(auditOf(best?.finding.bound ?? likely.bounds[0]).findings, asked, printing);
  if (best === undefined) {
    const sentence = `The radii are those of none of the levels tried at ${samples} (α = ${alphas.join(', ')}): ${against()}.`;
    return { alpha: undefined, contradicted, sentence };
  }
  const { words } = best.explanation;
  const ending = contradicted ? `; ${against()}.` : '.';
  if (levels.length > 1) {
    return {
      alpha: undefined,
      contradicted,
      sentence: `The radii (${words}) don't tell α: at ${samples} they can be those of α = ${levels.join(', ')}${ending}`,
    };
  }
  const [alpha] = levels;
  const telling = Math.max(...fitting.map(({ finding, explanation }) => tellingOf(finding, explanation.printing)));
  const few = telling < LEAST_TELLING ? ', which are too few to take it by' : '';
  const sentence =
    `Of the levels tried at ${samples} the radii (${words}) can be those of α = ${alpha} alone: ` +
    `${evidence(best.finding, printing, found)}${few}${ending}`;
  return { alpha: few === '' ? alpha : undefined, contradicted, sentence };
}

/** How many radii stand where the lattice of a level that fits could contradict them. */
function tellingOf({ fit }: LevelFinding, printing: Printing): number {
  const own = fit[printing];
  return own.fits ? own.telling : 0;
}

function evidence(finding: LevelFinding, printing: Printing, found: { text: string; examples: number }): string {
  const telling = tellingOf(finding, printing);
  const many = found.examples === 1 ? '1 example' : `${groupThousands(found.examples)} examples`;
  return (
    `${telling} of the distinct radii stand where its lattice is coarse, and all are on it; ` +
    `its greatest is ${formatRadius(finding.greatest, 4)}, and the file's ${found.text} (${many})`
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
