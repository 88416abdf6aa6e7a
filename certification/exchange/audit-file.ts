import { COHEN_ABSTAIN } from '../records/cohen-columns.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { latticeAudit, type LatticeAudit } from './lattice-audit.ts';
import { auditedAlphas } from './lattice-verdict.ts';
import type { CohenRows } from './read-cohen.ts';

/** Numbers of samples that are used, and so tried. */
const AUDITED_N = [100, 1_000, 10_000, 100_000, 1_000_000];
const BOUNDS = ['clopper-pearson', 'runner-up'] as const;

/** The radii of an import, as printed, of all certified examples. */
export function certifiedTexts({ radiusTexts, predictions }: CohenRows): string[] {
  return radiusTexts.filter((_, at) => predictions[at] !== COHEN_ABSTAIN);
}

/**
 * The lattice audit of an import at all usual levels, with both bounds.
 *
 * @param n the samples of the estimation; left out, all usual numbers of them.
 */
export function auditFile(
  { rows, results }: { rows: CohenRows; results: CertifiedResults | undefined },
  n?: number,
): LatticeAudit {
  const ns = n === undefined ? AUDITED_N : [n];
  const levels = BOUNDS.flatMap((bound) =>
    ns.flatMap((each) => auditedAlphas.map((alpha) => ({ n: each, alpha, bound }))),
  );
  // Without examples there is no radius, and any σ does.
  return latticeAudit({ radii: certifiedTexts(rows), sigma: results?.setting.scale ?? 1, levels });
}
