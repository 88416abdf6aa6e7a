import type { SequentialThresholds } from '../certification/smoothing/sequential-thresholds.ts';
import { binomialLaw, type CountLaw } from './binomial-law.ts';

/** What sequential mode is expected to do with an example. */
export interface DecisionLaw {
  /** The probability that each radius is certified. */
  readonly certified: readonly number[];
  /** Samples of the estimation. */
  readonly meanSamples: number;
}

/** The radii from `certified` up to `givenUp`, exclusive, are undecided. */
interface Undecided {
  readonly certified: number;
  readonly givenUp: number;
  readonly counts: CountLaw;
}

/**
 * What `sequentialDecisions` does with an example whose samples are of the selected class with probability `p`: exact expectations,
 * by dynamic programming over the count and the undecided radii at each look.
 *
 * @param negligible probabilities that are left out, each; the sum of all over the looks is some thousands of times this at most
 */
export function decisionLaw({
  thresholds: { looks, radii },
  p,
  negligible = 1e-13,
}: {
  thresholds: SequentialThresholds;
  p: number;
  negligible?: number;
}): DecisionLaw {
  const certified = radii.map(() => 0);
  let meanSamples = 0;
  let open: Undecided[] = [{ certified: 0, givenUp: radii.length, counts: { from: 0, mass: Float64Array.of(1) } }];
  looks.forEach((t, look) => {
    if (open.length === 0) return;
    const drawn = t - (looks[look - 1] ?? 0);
    const step = binomialLaw({ n: drawn, p, negligible });
    const next = new Map<string, { certified: number; givenUp: number; mass: Map<number, number> }>();
    for (const { certified: before, givenUp: limit, counts } of open) {
      meanSamples += drawn * counts.mass.reduce((sum, value) => sum + value, 0);
      const reached = convolve(counts, step);
      reached.mass.forEach((mass, at) => {
        const count = reached.from + at;
        let first = before;
        while (first < limit && count >= radii[first].reject[look]) {
          certified[first] += mass;
          first++;
        }
        let end = first;
        while (end < limit && count > radii[end].futile[look]) end++;
        if (first === end || mass < negligible) return;
        const key = `${first} ${end}`;
        const state = next.get(key) ?? { certified: first, givenUp: end, mass: new Map<number, number>() };
        state.mass.set(count, (state.mass.get(count) ?? 0) + mass);
        next.set(key, state);
      });
    }
    open = [...next.values()].map(({ mass, ...state }) => ({ ...state, counts: consecutive(mass) }));
  });
  return { certified, meanSamples };
}

function convolve(a: CountLaw, b: CountLaw): CountLaw {
  const mass = new Float64Array(a.mass.length + b.mass.length - 1);
  for (let i = 0; i < a.mass.length; i++) {
    const weight = a.mass[i];
    if (weight === 0) continue;
    for (let j = 0; j < b.mass.length; j++) mass[i + j] += weight * b.mass[j];
  }
  return { from: a.from + b.from, mass };
}

function consecutive(masses: ReadonlyMap<number, number>): CountLaw {
  const from = Math.min(...masses.keys());
  const mass = new Float64Array(Math.max(...masses.keys()) - from + 1);
  for (const [count, value] of masses) mass[count - from] = value;
  return { from, mass };
}
