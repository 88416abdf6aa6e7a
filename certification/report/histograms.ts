import { normOf, normSymbols } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';
import type { Bar, Histogram } from './bars-spec.ts';
import { axisTicks } from './curve-spec.ts';
import { decimalsNeeded } from './decimals-needed.ts';
import { outcomes, type ExampleColumns } from './example-columns.ts';
import { groupThousands } from './group-thousands.ts';
import { radiusTexts } from './radius-texts.ts';
import type { ReportedClaim } from './reported-claim.ts';
import { roundSteps } from './round-steps.ts';

/** Bars of the histogram of radii in fixed mode, at most. */
const MOST_RADIUS_BARS = 25;
const MOST_TICKS = 6;

/** The histograms of a run: of the radii, and of what tells how sure the estimations were, which no import says. */
export function histograms(summary: Summary, claim: ReportedClaim, examples: ExampleColumns): Histogram[] {
  const sureness = summary.mode === 'fixed' ? lowerBounds(summary) : lastLooks(summary, claim);
  const own = summary.mode === 'fixed' ? radii(summary, examples) : decidedRadii(summary, examples);
  return summary.imported ? [own] : [own, sureness];
}

function lowerBounds({ lowerBoundHistogram = [] }: Summary): Histogram {
  return {
    title: 'Lower bounds on the top class’s probability',
    axis: 'lower bound',
    what: 'estimations',
    bars: lowerBoundHistogram.map(({ from, to, examples }) => ({
      label: `${from.toFixed(2)} to ${to.toFixed(2)}`,
      from,
      to,
      parts: { accent: examples },
    })),
    ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: at.toFixed(2) })),
    domain: [0, 1],
  };
}

/** A bar for each look that ended an estimation, side by side: looks stand ever further apart. */
function lastLooks({ lastLooks: looks = [] }: Summary, { sampling }: ReportedClaim): Histogram {
  const bars = looks.map(({ n, examples }) => ({
    label: `${groupThousands(n)}${n === sampling.n ? ', all' : ''}`,
    count: { accent: examples },
  }));
  return {
    title: 'Samples until every radius was decided',
    axis: 'samples of the estimation',
    what: 'estimations',
    ...sideBySide(bars),
  };
}

function radii(summary: Summary, examples: ExampleColumns): Histogram {
  const { curve } = summary;
  const end = curve[curve.length - 1].radius || Number.MIN_VALUE;
  const step = roundSteps.find((each) => end / each <= MOST_RADIUS_BARS) ?? end;
  const edges = Array.from({ length: Math.ceil(end / step - 1e-9) + 1 }, (_, at) => Number((at * step).toFixed(14)));
  const texts = radiusTexts(edges);
  const bars = edges.slice(1).map((to, at) => ({
    label: `${texts[at]} to ${texts[at + 1]}`,
    from: edges[at],
    to,
    parts: { accent: 0, alarm: 0 },
  }));
  eachCertificate(examples, (radius, part) => {
    const at = Math.min(
      edges.findLastIndex((edge) => edge <= radius),
      bars.length - 1,
    );
    bars[at].parts[part] += 1;
  });
  const places = axisTicks(edges[edges.length - 1], MOST_TICKS);
  const decimals = decimalsNeeded(places);
  const ticks = places.map((at) => ({ at, label: at.toFixed(decimals) }));
  return {
    title: 'Certified radii',
    axis: `${normSymbols[normOf(summary)]} radius (input units)`,
    what: 'correct',
    bars,
    ticks,
    domain: [0, edges[edges.length - 1]],
  };
}

function decidedRadii(summary: Summary, examples: ExampleColumns): Histogram {
  const own = summary.curve.map(({ radius }) => radius);
  const bars = radiusTexts(own).map((label) => ({ label, count: { accent: 0, alarm: 0 } }));
  eachCertificate(examples, (radius, part) => {
    const at = own.indexOf(radius);
    if (at >= 0) bars[at].count[part] += 1;
  });
  const axis = `${normSymbols[normOf(summary)]} radius (input units)`;
  return { title: 'Largest certified radius', axis, what: 'correct', ...sideBySide(bars) };
}

function eachCertificate(
  { outcome, radius }: ExampleColumns,
  take: (radius: number, part: 'accent' | 'alarm') => void,
) {
  outcome.forEach((code, at) => {
    if (outcomes[code] === 'certified') take(radius[at], 'accent');
    if (outcomes[code] === 'misclassified') take(radius[at], 'alarm');
  });
}

function sideBySide(
  counted: readonly { label: string; count: Bar['parts'] }[],
): Pick<Histogram, 'bars' | 'ticks' | 'domain'> {
  const stride = Math.ceil(counted.length / MOST_TICKS);
  return {
    bars: counted.map(({ label, count }, at) => ({ label, from: at, to: at + 1, parts: count })),
    ticks: counted.flatMap(({ label }, at) => (at % stride === 0 ? [{ at: at + 0.5, label }] : [])),
    domain: [0, Math.max(1, counted.length)],
  };
}
