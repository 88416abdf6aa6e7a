import type { Summary } from '../records/summary.ts';
import { decimalAtMost } from './decimal-at-most.ts';
import { correctRadius, outcomes, type ExampleColumns } from './example-columns.ts';
import { formatRadius } from './format-radius.ts';
import { weakestFirst, worstDropsFirst } from './order-examples.ts';
import { radiusTexts } from './radius-texts.ts';
import type { ReportedClaim } from './reported-claim.ts';
import type { Thumbnails } from './thumbnails.ts';

/** Examples that the page holds, at most: their data is 2 MB then, which opens and sorts at once. */
const MOST_LISTED = 50_000;
const FEWEST_DECIMALS = 4;
const MOST_DECIMALS = 14;

/**
 * The table of examples as the page's script reads it: a column each, in the order that the page begins with. Radii and
 * bounds are floored to what is shown of them.
 */
export interface ExampleList {
  readonly total: number;
  readonly decimals: number;
  readonly outcomes: readonly string[];
  readonly index: readonly number[];
  readonly label: readonly number[];
  /** −1 where there is none; so of the guesses. */
  readonly prediction: readonly number[];
  /** Left out where results don't say; so are counts. */
  readonly guess?: readonly number[];
  /** Places in `outcomes`. */
  readonly outcome: readonly number[];
  readonly radius: readonly number[];
  readonly count?: readonly number[];
  readonly n?: readonly number[];
  /** Fixed mode: lower bounds on the top class's probability. */
  readonly lowerBound?: readonly number[];
  /** The baseline's, where it is of the same examples. */
  readonly baseline?: {
    readonly outcome: readonly number[];
    readonly radius: readonly number[];
    /** Of the radius that counts for certified accuracy. */
    readonly change: readonly number[];
  };
  readonly thumbnails?: {
    readonly width: number;
    readonly height: number;
    readonly channels: 1 | 3;
    /** Places in the columns, in the order of the pictures. */
    readonly at: readonly number[];
    /** Base64. */
    readonly pixels: string;
  };
}

/**
 * @param baseline the columns of a run on the same examples: then the worst drops come first, else the weakest.
 * @param thumbnails of some of the examples, if there are any.
 */
export function exampleList({
  summary,
  claim,
  examples,
  baseline,
  thumbnails,
}: {
  summary: Summary;
  claim: ReportedClaim;
  examples: ExampleColumns;
  baseline?: { summary: Summary; claim: ReportedClaim; examples: ExampleColumns } | undefined;
  thumbnails?: Thumbnails | undefined;
}): ExampleList {
  const total = examples.index.length;
  const order = baseline === undefined ? weakestFirst(examples) : worstDropsFirst(examples, baseline.examples);
  const shown = Array.from(order.subarray(0, MOST_LISTED));
  const pick = (column: ArrayLike<number>) => shown.map((at) => column[at]);
  const decimals = Math.max(radiusDecimals(summary), baseline === undefined ? 0 : radiusDecimals(baseline.summary));
  const floored = ({ mode, imported }: Summary) => {
    // Decimals that were asked for, or read, stay as they are.
    const text = mode === 'fixed' && !imported ? formatRadius : decimalAtMost;
    return (radius: number) => Number(text(radius, decimals));
  };
  const own = floored(summary);
  const counted = summary.imported === undefined;
  return {
    total,
    decimals,
    outcomes,
    index: pick(examples.index),
    label: pick(examples.label),
    prediction: pick(examples.prediction),
    ...(counted && { guess: pick(examples.selected) }),
    outcome: pick(examples.outcome),
    radius: pick(examples.radius).map(own),
    ...(counted && { count: pick(examples.count), n: pick(examples.n) }),
    ...(counted &&
      claim.sampling.mode === 'fixed' && {
        lowerBound: pick(examples.lowerBound).map((bound) => Number(formatRadius(bound, FEWEST_DECIMALS))),
      }),
    ...(baseline && {
      baseline: besides({
        examples,
        baseline: baseline.examples,
        shown,
        own,
        other: floored(baseline.summary),
        decimals,
      }),
    }),
    ...(thumbnails && { thumbnails: pictures(thumbnails, pick(examples.index)) }),
  };
}

function besides({
  examples,
  baseline,
  shown,
  own,
  other,
  decimals,
}: {
  examples: ExampleColumns;
  baseline: ExampleColumns;
  shown: readonly number[];
  own: (radius: number) => number;
  other: (radius: number) => number;
  decimals: number;
}): NonNullable<ExampleList['baseline']> {
  const change = (at: number) => own(correctRadius(examples, at)) - other(correctRadius(baseline, at));
  return {
    outcome: shown.map((at) => baseline.outcome[at]),
    radius: shown.map((at) => other(baseline.radius[at])),
    // Of two decimals a decimal again; that of no change is never −0.
    change: shown.map((at) => Number(change(at).toFixed(decimals)) || 0),
  };
}

/** Enough decimals that radii differ where they should: four of radii of about 1, more of smaller ones. */
function radiusDecimals({ mode, curve }: Summary): number {
  if (mode === 'sequential') return (radiusTexts(curve.map(({ radius }) => radius))[0].split('.')[1] ?? '').length;
  let decimals = FEWEST_DECIMALS;
  for (let end = curve[curve.length - 1].radius; end < 0.1 && decimals < MOST_DECIMALS; end *= 10) decimals += 1;
  return decimals;
}

function pictures(
  { width, height, channels, indices, pixels }: Thumbnails,
  listed: readonly number[],
): NonNullable<ExampleList['thumbnails']> {
  const size = width * height * channels;
  const place = new Map(listed.map((index, at) => [index, at]));
  const kept = indices.flatMap((index, picture) => {
    const at = place.get(index);
    return at === undefined ? [] : [{ at, picture }];
  });
  const bytes = kept.map(({ picture }) => pixels.subarray(picture * size, (picture + 1) * size));
  return { width, height, channels, at: kept.map(({ at }) => at), pixels: Buffer.concat(bytes).toString('base64') };
}
