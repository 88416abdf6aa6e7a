import type { ModelPool } from '../classifier/model-pool.ts';
import { rowLine, type Row } from '../records/certificate.ts';
import type { Claim } from '../records/claim.ts';
import { failed, noted, passed, type Check } from './check.ts';

/** Rounding flips near ties alone; a share of the samples beyond this is another model, seed or image. */
const MOST_FLIPPED = 0.01;
/** So many samples may be near ties in any case. */
const LEAST_FLIPPED = 10;

/** Whether this machine computes as the run's did. Where not, a replay can't be expected to be equal to the bit. */
export function checkArithmetic({ arithmetic }: Claim, { probe }: ModelPool): Check {
  const same =
    probe.probe === arithmetic.probe &&
    probe.runtime === arithmetic.runtime &&
    probe.batchInvariant === arithmetic.batchInvariant;
  return same
    ? passed('arithmetic', `${probe.runtime}, the claim's logits to the bit`)
    : noted('arithmetic', `${probe.runtime} here rounds otherwise than the run's ${arithmetic.runtime}`);
}

/**
 * Compares rows with those of a replay.
 *
 * @param exact whether this machine computes as the run's did: then every row must be equal, to the last digit. Where not, the
 * differences are told, and counts may differ by what rounding explains.
 */
export function checkReplay({
  rows,
  replayed,
  exact,
  of,
}: {
  rows: readonly Row[];
  replayed: readonly Row[];
  exact: boolean;
  /** How it was chosen and what it took, for the line. */
  of: string;
}): Check {
  const others = rows.flatMap((row, at) =>
    rowLine(row) === rowLine(replayed[at]) ? [] : [{ row, own: replayed[at] }],
  );
  const name = 'replay';
  if (others.length === 0) return passed(name, `${of}: all equal`);
  const told = others.map(
    ({ row, own }) => `example ${row.index} has the count ${row.count} of ${row.n}, here ${own.count} of ${own.n}`,
  );
  const summary = `${others.length} of ${rows.length} rows come out otherwise: ${told[0]}`;
  if (exact) return failed(name, `${of}: ${summary}`);
  const apart = Math.max(...others.map(({ row, own }) => distance(row, own)));
  const shown = `${of}: ${summary}; shares differ by ${apart.toPrecision(2)} at most`;
  return others.every(
    ({ row, own }) =>
      distance(row, own) * Math.min(row.n, own.n) <= LEAST_FLIPPED || distance(row, own) <= MOST_FLIPPED,
  )
    ? noted(name, shown)
    : failed(name, `${shown}, more than rounding explains`);
}

function distance(a: Row, b: Row): number {
  if (a.n === 0 || b.n === 0) return a.n === b.n ? 0 : 1;
  return Math.abs(a.count / a.n - b.count / b.n);
}
