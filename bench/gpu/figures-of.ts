import { meanReading, type Reading } from './device-readings.ts';
import type { Row, RowKey } from './results.ts';
import type { Outcome } from './take-turns.ts';

type WithoutKey<Each> = Each extends unknown ? Omit<Each, keyof RowKey> : never;

/**
 * What a row says of an outcome.
 *
 * @param context.readings those of the whole benchmark: the turns' are picked out
 * @param context.flops floating-point operations of a sample
 * @param context.peak the card's, a second
 * @param context.published samples a second of the paper's loop, where the row is not that loop's own
 */
export function figuresOf(
  outcome: Outcome,
  context: {
    readings: readonly Reading[];
    flops: number;
    peak: number | undefined;
    published: number | undefined;
  },
): WithoutKey<Row> {
  if (outcome.status === 'failed') return outcome;
  const { readings, flops, peak, published } = context;
  const { samplesPerSecond, ofBare, turns } = outcome;
  const { busy, watts, megahertz } = meanReading(readings, turns);
  const inside = turns.flatMap(({ insideRuntime }) => insideRuntime ?? []);
  return {
    status: 'measured',
    samplesPerSecond,
    rounds: turns.map((turn) => turn.samplesPerSecond),
    ofBare,
    ofPublished: published && samplesPerSecond / published,
    insideRuntime: inside.length > 0 ? inside.reduce((sum, share) => sum + share, 0) / inside.length : undefined,
    busy,
    watts,
    megahertz,
    joulesPerSample: watts && watts / samplesPerSecond,
    ofPeak: peak && (samplesPerSecond * flops) / peak,
  };
}
