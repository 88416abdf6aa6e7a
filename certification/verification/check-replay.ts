import type { ModelPool } from '../classifier/model-pool.ts';
import { rowLine, type Row } from '../records/certificate.ts';
import type { Claim } from '../records/claim.ts';
import { firstDifference } from '../records/first-difference.ts';
import { binomialTailAtMost } from '../smoothing/binomial-tail-at-most.ts';
import { failed, noted, passed, type Check } from './check.ts';

/**
 * Rounding flips near ties alone. In single precision logits differ by some 1e-6 of themselves and a sample of a million flips; in half
 * precision one of a thousand. A larger share of the samples is another model, seed or image.
 */
const MOST_FLIPPED = 0.002;
/** So many samples may be near ties in any case. */
const LEAST_FLIPPED = 3;
/** Shares that were counted up to different looks differ by chance too: so much, or by so many samples of the shorter. */
const MOST_APART = 0.01;
const LEAST_APART = 10;
/** Rounding favours the run in one row of two; by chance it does so much oftener once in a million runs. */
const FALSE_ALARM_RATE = 1e-6;

/** Whether this machine computes as the run's did. Where not, a replay can't be expected to be equal to the bit. */
export function checkArithmetic({ arithmetic }: Claim, { probe, setup }: ModelPool): Check {
  const same =
    probe.probe === arithmetic.probe &&
    probe.runtime === arithmetic.runtime &&
    probe.batchInvariant === arithmetic.batchInvariant;
  return same
    ? passed('arithmetic', `${probe.runtime}, the claim's logits to the bit`)
    : noted(
        'arithmetic',
        `${probe.runtime} on ${setup.device.kind} here rounds otherwise than the run's ${arithmetic.runtime} on ${arithmetic.provider}`,
      );
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
  const [{ row: first, own: here }] = others;
  const told =
    countOf(first) === countOf(here)
      ? firstDifference({ ...first }, { ...here }, `example ${first.index}`)
      : `example ${first.index} has ${countOf(first)}, here ${countOf(here)}`;
  const summary = `${others.length} of ${rows.length} rows come out otherwise: ${told ?? 'in their spelling'}`;
  if (exact) return failed(name, `${of}: ${summary}`);
  const apart = others.reduce((most, { row, own }) => Math.max(most, Math.abs(gain(row, own))), 0);
  const shown = `${of}: ${summary}; shares differ by ${apart.toPrecision(2)} at most`;
  if (!others.every(({ row, own }) => isExplained(row, own)))
    return failed(name, `${shown}, more than rounding explains`);
  const favoured = others.filter(({ row, own }) => gain(row, own) > 0).length;
  const against = others.filter(({ row, own }) => gain(row, own) < 0).length;
  const n = favoured + against;
  return n > 0 && binomialTailAtMost({ k: favoured, n, p: 0.5, level: FALSE_ALARM_RATE })
    ? failed(name, `${shown}, in the run's favour in ${favoured} of ${n}, more than rounding explains`)
    : noted(name, shown);
}

function countOf(row: Row): string {
  const counted = classOf(row);
  return row.n === 0 || counted === null ? `no count (${row.status})` : `${row.count} of ${row.n} for class ${counted}`;
}

/** Whether rounding otherwise can have made the run's row of what comes out here. */
function isExplained(row: Row, own: Row): boolean {
  // A guess of a near tie may flip; an example that is certified in the run was no such tie, and is of the same class here.
  if (classOf(row) !== classOf(own) || row.n === 0 || own.n === 0) return row.prediction === null;
  const apart = Math.abs(gain(row, own));
  const samples = apart * Math.min(row.n, own.n);
  return row.n === own.n
    ? apart <= MOST_FLIPPED || Math.round(samples) <= LEAST_FLIPPED
    : apart <= MOST_APART || samples <= LEAST_APART;
}

/** How much larger the counted class's share is in the run; 0 where the shares are of different classes. */
function gain(row: Row, own: Row): number {
  if (classOf(row) !== classOf(own) || row.n === 0 || own.n === 0) return 0;
  return row.count / row.n - own.count / own.n;
}

/** The class that was counted. */
function classOf(row: Row): number | null {
  return 'top' in row ? row.top : row.selected;
}
