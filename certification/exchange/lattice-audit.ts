import type { Bound } from '../smoothing/bound.ts';
import { radiusInterval, radiusLattice, type RadiusInterval, type RadiusLattice } from './radius-lattice.ts';
import { printedRadii, valuesOf, type PrintedRadius, type Printing } from './printed-radii.ts';

/** A setting of CERTIFY that radii may have been made with. */
export interface Level {
  readonly n: number;
  readonly alpha: number;
  readonly bound: Bound;
}

/** Whether a level's lattice has all radii of a file, as one way to print them leaves them. */
export type Fit =
  | {
      readonly fits: true;
      /** Distinct radii that stand where the lattice is coarse enough to contradict some. */
      readonly telling: number;
    }
  | {
      readonly fits: false;
      /** The greatest radius that the lattice does not have, as printed. */
      readonly radius: string;
      readonly why: 'above the greatest' | 'between two';
    };

/** What the radii of a file say of a level. */
export interface LevelFinding extends Level {
  /** The level's greatest radius, in input units: that of an example whose every sample is of the selected class. */
  readonly greatest: number;
  readonly fit: Readonly<Record<Printing, Fit>>;
}

/** What a file's radii say of the statistics that they were made with. */
export interface LatticeAudit {
  /** Distinct radii above 0, in all. */
  readonly radii: number;
  /** The greatest of them as printed, and how many examples have it. */
  readonly greatest: { readonly text: string; readonly examples: number } | undefined;
  /** Whether they are few, and round or often repeated, as radii are that were asked for: then the lattice says nothing. */
  readonly asked: boolean;
  /** One for each level, in the order asked. */
  readonly findings: readonly LevelFinding[];
}

/** More than what the budget of exact noise (2e-11 for an ImageNet crop) and arithmetic in doubles move a radius by, in units of σ. */
const SLACK = 1e-6;
/**
 * Radii that were asked for are at most so many. Two or more of them are multiples of the step, or each but the greatest has
 * several examples: radii that were found are seldom the same.
 */
const ASKED = { most: 40, step: 0.05, leastRound: 2, examplesOfEach: 3 };

/**
 * Which levels can have given a file's radii. Radii of CERTIFY are those of whole counts, σΦ⁻¹(p̲(k; n, α)): a lattice, coarse
 * at the greatest radii and at those near 0. A level is contradicted where a printed radius is none of its lattice, rounded
 * to nearest or floored to the digits printed.
 *
 * @param radii as printed, of all certified examples.
 * @param sigma of Gaussian noise, in input units; above 0.
 */
export function latticeAudit({
  radii,
  sigma,
  levels,
}: {
  radii: readonly string[];
  sigma: number;
  levels: readonly Level[];
}): LatticeAudit {
  const printed = printedRadii(radii);
  const intervals = {
    rounded: lazily(printed, (each) => intervalOf(each, 'rounded', sigma)),
    floored: lazily(printed, (each) => intervalOf(each, 'floored', sigma)),
  };
  const fitOf = (lattice: RadiusLattice, printing: Printing): Fit => {
    let telling = 0;
    for (const [at, { text }] of printed.entries()) {
      const interval = intervals[printing](at);
      const occupancy = lattice.occupancy(interval);
      if (occupancy === 'none') {
        return {
          fits: false,
          radius: text,
          why: interval.low > lattice.greatest ? 'above the greatest' : 'between two',
        };
      }
      if (occupancy === 'some') telling += 1;
    }
    return { fits: true, telling };
  };
  const findings = levels.map((level): LevelFinding => {
    const lattice = radiusLattice(level);
    const fit = { rounded: fitOf(lattice, 'rounded'), floored: fitOf(lattice, 'floored') };
    return { ...level, greatest: sigma * lattice.greatest, fit };
  });
  const [first] = printed;
  return {
    radii: printed.length,
    greatest: printed.length > 0 ? { text: first.text, examples: countOf(radii, first.text) } : undefined,
    asked: areAsked(radii),
    findings,
  };
}

function intervalOf(radius: PrintedRadius, printing: Printing, sigma: number): RadiusInterval {
  const { low, high } = valuesOf(radius, printing);
  return radiusInterval(Math.max(0, low / sigma - SLACK), high / sigma + SLACK);
}

/** Values at places, each made once. */
function lazily<From, To>(from: readonly From[], make: (value: From) => To): (at: number) => To {
  const made: To[] = [];
  return (at) => (made[at] ??= make(from[at]));
}

function countOf(texts: readonly string[], text: string): number {
  return texts.filter((each) => each === text).length;
}

/** 0, which CERTIFY gives to nobody, counts too. */
function areAsked(radii: readonly string[]): boolean {
  const counts = new Map<number, number>();
  for (const text of radii) counts.set(Number(text), (counts.get(Number(text)) ?? 0) + 1);
  const distinct = [...counts.keys()].sort((a, b) => b - a);
  if (distinct.length === 0 || distinct.length > ASKED.most) return false;
  const round = distinct.every((value) => Math.abs(value / ASKED.step - Math.round(value / ASKED.step)) < 1e-9);
  if (distinct.length === 1) return radii[0].endsWith('0') && round;
  if (round && distinct.length >= ASKED.leastRound) return true;
  return distinct.slice(1).every((value) => (counts.get(value) ?? 0) >= ASKED.examplesOfEach);
}
