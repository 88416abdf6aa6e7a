import { fromNumber } from '../smoothing/double-double.ts';
import { exp } from '../smoothing/exp.ts';
import { normalCdf } from '../smoothing/normal-cdf.ts';
import { displacementLimits, radialShift } from './device-noise-errors.ts';

/** Pairs of which the first word is below 2⁶, so that 32 bits are too few for the radius, are given up: 2⁻²⁶ of all. */
const TAIL = 1 / 0x4000000;
/** The radius beyond which lie those pairs: √(52 ln 2). */
const TAIL_RADIUS = Math.sqrt(52 * Math.LN2);
/** Cells about the centre that are looked at one by one. */
const SINGLE_CELLS = 48;
/** Products of errors, and what double arithmetic loses in the sums below. */
const SLACK = 1.001;

/**
 * An upper bound on the total variation between one noise vector that ONNX Runtime's CUDA generator draws, rounded to the
 * lattice, and a vector of independent discretised Gaussians. It takes the place of `noiseBudget` for device noise.
 *
 * **What is drawn.** Philox words a, b (taken for independent and uniform) become a pair of normals by Box & Muller's
 * method in float32: ẑ = √(−2 ln û)·(sin v̂, cos v̂), û ≈ (a + ½)/2³², v̂ ≈ 2π(b + ½)/2³². Each is multiplied by s =
 * sigma·stepsPerUnit and rounded to an integer.
 *
 * **Coupling.** Let U be uniform on [a, a+1)/2³² and V on [b, b+1)/2³². Then U and V are uniform, and the same method in exact
 * arithmetic makes a pair z of independent standard normals of them. `device-noise-errors.ts` bounds how far ẑ lies from z, by
 * the documented errors of each step: ε₁ and ε₂ in the two coordinates. Rounding puts z and ẑ into the same cell [(j−½)/s,
 * (j+½)/s] × [(k−½)/s, (k+½)/s] unless a side of the cell lies between them.
 *
 * **Cells.** So the drawn probability of a cell exceeds its true one by at most the mass within ε outside of its sides,
 * and falls below it by at most the mass within ε inside. Relative to the cell's mass p both are at most
 * g = (1 + g₁)(1 + g₂) − 1, where g₁ is ε₁ times the density at the two sides, over the one-dimensional mass of the cell. With
 * (√(p̂/p) − 1)² ≤ (g/(1 + √(1−g)))² the squared Hellinger distance of a pair's two laws is h² ≤ ½ Σ p·(g/(1 + √(1−g)))².
 *
 * **Tail.** Where a < 2⁶, û has too few bits. This event has probability 2⁻²⁶ under both laws. Let the drawn pair be
 * replaced by the true one there: that costs 2⁻²⁶ a pair in total variation, and what is left moves no point from beyond.
 *
 * **Product.** Pairs are independent under both laws. So H² of the whole vector is at most m·h² for m pairs, and by TV ≤
 * H·√(2 − H²) the total variation is at most m·2⁻²⁶ + √(2m·h²). Summing the pairs' total variations instead would give more
 * than 1 for any image: they are some 1e-4, and mostly of opposite signs in neighbouring cells.
 *
 * @param sigma standard deviation in input units
 * @param stepsPerUnit lattice steps in an input unit
 * @param dimensions coordinates of a noise vector, even: of an odd number a pair would belong to two samples
 * @returns the bound, at most 1
 * @throws RangeError for an odd number of dimensions, or none
 */
export function deviceNoiseBudget({
  sigma,
  stepsPerUnit,
  dimensions,
}: {
  sigma: number;
  stepsPerUnit: number;
  dimensions: number;
}): number {
  if (!Number.isInteger(dimensions) || dimensions < 2 || dimensions % 2 !== 0) {
    throw new RangeError(
      `Device noise is drawn in pairs, so that an input must have an even number of values, not ${dimensions}: use exact noise.`,
    );
  }
  const pairs = dimensions / 2;
  const bound = SLACK * (pairs * TAIL + Math.sqrt(2 * pairs * pairHellingerSquared(sigma * stepsPerUnit)));
  return bound < 1 ? roundedUp(bound) : 1;
}

/** To four digits: more are not known, and people read them. */
function roundedUp(bound: number): number {
  let unit = 1;
  while (bound * unit < 1_000) unit *= 10;
  return Math.ceil(bound * unit) / unit;
}

/**
 * A bound on the squared Hellinger distance between the laws of a drawn and a true pair on the lattice, without the tail.
 *
 * @param s standard deviation in lattice steps
 * @returns at most 1, which says nothing
 */
export function pairHellingerSquared(s: number): number {
  const { sine, angle, relative } = displacementLimits(s);
  const most = mostDisplacement(s);
  if (!Number.isFinite(most)) return 1;
  const largest = TAIL_RADIUS + most;
  const bands = cellBands({ s, most, largest });
  let sum = 0;
  for (const row of bands) {
    for (const column of bands) {
      if (distance(row.least, column.least) > largest) break;
      const radius = Math.min(distance(row.most, column.most), largest);
      const growth = Math.min(row.growth * column.growth, 1 / TAIL);
      const shift = (along: CellBand, across: CellBand) =>
        sine * radius +
        angle * (across.most + angle * radius) +
        relative * along.most +
        radialShift({ growth, crossing: distance(along.side, across.least) });
      const first = shift(row, column) * row.density;
      const second = shift(column, row) * column.density;
      const g = (1 + first) * (1 + second) - 1;
      const root = g < 1 ? g / (1 + Math.sqrt(1 - g)) : Math.max(1, Math.sqrt(1 + g) - 1);
      sum += row.mass * column.mass * root * root;
    }
  }
  return Math.min(1, sum / 2);
}

/** `Math.hypot` minds overflow, and takes ten times as long. */
function distance(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function expOf(x: number): number {
  return exp(fromNumber(x)).hi;
}

/** One coordinate of neighbouring cells k … l, and of their mirror images; each figure is the worst among them. */
interface CellBand {
  /** Their probability together. */
  readonly mass: number;
  /** Density at a cell's two sides, as it may be within the displacement, over the cell's mass. */
  readonly density: number;
  /** Least and greatest |z| of a point that may cross a side. */
  readonly least: number;
  readonly most: number;
  /** |z| of the nearest side. */
  readonly side: number;
  /** exp(most² / 2). */
  readonly growth: number;
}

/** Bands of one cell each near the centre, where radii change quickly, and of 1/32 standard deviation farther out. */
function cellBands({ s, most, largest }: { s: number; most: number; largest: number }): CellBand[] {
  const cells = Math.ceil(largest * s + 0.5) + 1;
  const tails = Array.from({ length: cells + 1 }, (_, k) => normalCdf(-(k - 0.5) / s));
  const density = (z: number) => {
    const nearest = Math.max(z - most, 0);
    return expOf(-0.5 * nearest * nearest) / Math.sqrt(2 * Math.PI);
  };
  const bands: CellBand[] = [];
  for (let first = 0, size = 1; first < cells; first += size) {
    size = Math.min(first < SINGLE_CELLS ? 1 : Math.max(1, Math.floor(s / 32)), cells - first);
    let mass = 0;
    let steepest = 0;
    for (let k = first; k < first + size; k++) {
      const own = k === 0 ? 1 - 2 * tails[1] : tails[k] - tails[k + 1];
      mass += k === 0 ? own : 2 * own;
      steepest = Math.max(steepest, (density(Math.abs(k - 0.5) / s) + density((k + 0.5) / s)) / own);
    }
    const reach = (first + size - 0.5) / s + most;
    bands.push({
      mass,
      density: steepest,
      least: Math.max((first - 0.5) / s - most, 0),
      most: reach,
      side: Math.abs(first - 0.5) / s,
      growth: expOf(0.5 * reach * reach),
    });
  }
  return bands;
}

/** More than any point that isn't given up is moved when it crosses a side. */
function mostDisplacement(s: number): number {
  const { sine, angle, relative } = displacementLimits(s);
  const atTail = radialShift({ growth: 1 / TAIL, crossing: TAIL_RADIUS - 0.01 });
  const atCentre = radialShift({ growth: 2, crossing: 0.5 / s });
  return SLACK * ((sine + angle + relative) * (TAIL_RADIUS + 0.01) + atTail + atCentre);
}
