import type { LatticeExample } from '../lattice-example.ts';
import {
  certificate,
  failedCertificate,
  failedPrediction,
  prediction,
  sequentialCertificate,
  skippedCertificate,
} from '../make-row.ts';
import { markRow } from '../mark-row.ts';
import type { Certificate, Prediction, Row } from '../records/certificate.ts';
import type { Claim } from '../records/claim.ts';

/**
 * A row as the claim's statistics make it of the row's own counts. Equal to the row, unless something in it was changed or was made
 * otherwise.
 *
 * @param moved how far the example was moved to its lattice point, in input units.
 * @returns undefined where no row can be made of these counts.
 */
export function remakeRow(of: { claim: Claim; row: Row; moved: number }): Row | undefined {
  const remade = unmarkedRow(of);
  return remade && markRow(remade, of.claim);
}

function unmarkedRow({ claim, row, moved }: { claim: Claim; row: Row; moved: number }): Row | undefined {
  const { sampling, noise } = claim;
  const example: Pick<LatticeExample, 'index' | 'label' | 'moved'> = { index: row.index, label: row.label, moved };
  const { reason } = row;
  try {
    if (sampling.mode === 'predict') {
      const { status, top, count, runnerUpCount } = row as Prediction;
      if (status === 'failed') return failedPrediction(example, reason ?? '');
      if (!isClass(top, claim) || !areCounts(row, sampling.n, claim)) return undefined;
      return prediction({ example, sampling, noise, counts: { top, count, runnerUpCount } });
    }
    const { mode, skipMisclassified } = sampling;
    const { status, selected, count, runnerUpCount } = row as Certificate;
    if (status === 'failed') return failedCertificate({ example, mode, reason: reason ?? '' });
    if (!isClass(selected, claim)) return undefined;
    if (skipMisclassified && selected !== row.label) return skippedCertificate({ example, mode, selected });
    if (sampling.mode === 'fixed') {
      if (!areCounts(row, sampling.n, claim)) return undefined;
      return certificate({ claim, sampling, example, selected, counts: { count, runnerUpCount } });
    }
    const { decisions = [] } = row as Certificate;
    if (decisions.length !== sampling.radii.length) return undefined;
    const byLook = new Map(decisions.map((decision) => [decision.look, decision.count]));
    const looks = [...byLook].sort(([a], [b]) => a - b).map(([look, seen]) => ({ look, count: seen }));
    const remade = sequentialCertificate({ claim, sampling, example, selected, looks, runnerUpCount });
    const seen = [{ n: 0, count: 0 }, ...(remade.decisions ?? [])].sort((a, b) => a.n - b.n);
    return areCounts(remade, remade.n, claim) && seen.every((later, at) => at === 0 || canFollow(seen[at - 1], later))
      ? remade
      : undefined;
  } catch (error) {
    // The statistics refuse counts that no samples give.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isClass(selected: number | null, { model }: Claim): selected is number {
  return selected !== null && selected >= 0 && selected < model.classes;
}

/** Whether `n` samples can give these counts: every other class, and NaN, has at most the runner-up's. */
function areCounts(
  { count, runnerUpCount }: Pick<Row, 'count' | 'runnerUpCount'>,
  n: number,
  { model }: Claim,
): boolean {
  return count + runnerUpCount <= n && n <= count + model.classes * runnerUpCount;
}

/** Whether an example that had the count of one look can have that of a later one. */
function canFollow(look: Look, later: Look): boolean {
  const more = later.count - look.count;
  return more >= 0 && more <= later.n - look.n;
}

type Look = Pick<NonNullable<Certificate['decisions']>[number], 'n' | 'count'>;
