import type { TopLevelSpec } from 'vega-lite';
import { chartConfig, type ChartStyle } from './chart-style.ts';
import type { ChartFrame } from './curve-spec.ts';
import { roundSteps } from './round-steps.ts';

/** A bar of a histogram, in one or two parts above one another. */
export interface Bar {
  /** What it counts, in words. */
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** How many, by the colour of the part, from below. */
  readonly parts: { readonly accent: number; readonly alarm?: number };
}

/** A histogram of examples. */
export interface Histogram {
  readonly title: string;
  /** What the bars stand over. */
  readonly axis: string;
  /** What the lower parts of the bars are of. */
  readonly what: string;
  readonly bars: readonly Bar[];
  /** Where the axis has ticks, and what stands there. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly domain: readonly [number, number];
}

const MOST_COUNT_TICKS = 5;
/** A sheet of paper between two bars, as a share of a bar. */
const GAP = 0.06;

/** A histogram as a Vega-Lite specification. */
export function barsSpec(
  histogram: Histogram,
  { frame, style }: { frame: ChartFrame; style: ChartStyle },
): TopLevelSpec {
  const { bars, ticks, domain, axis } = histogram;
  const most = Math.max(1, ...bars.map(({ parts }) => parts.accent + (parts.alarm ?? 0)));
  const step = roundSteps.find((each) => Number.isInteger(each) && most / each <= MOST_COUNT_TICKS) ?? most;
  const counts = Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
  const rectangles = bars.flatMap(({ from, to, parts: { accent, alarm = 0 } }) => {
    const gap = GAP * (to - from);
    const place = { from: from + gap / 2, to: to - gap / 2 };
    return [
      { ...place, low: 0, high: accent, colour: style.accent },
      { ...place, low: accent, high: accent + alarm, colour: style.alarm },
    ].filter(({ low, high }) => high > low);
  });
  const labels = JSON.stringify(ticks.map(({ label }) => label));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...(style.background !== undefined && { background: style.background }),
    width: frame.width,
    height: frame.height,
    padding: frame.padding,
    autosize: 'none',
    data: { values: rectangles },
    mark: { type: 'rect' },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        title: axis,
        scale: { domain: [...domain], nice: false },
        axis: {
          values: ticks.map(({ at }) => at),
          labelExpr: `${labels}[indexof(${JSON.stringify(ticks.map(({ at }) => at))}, datum.value)]`,
          titleY: 30,
          grid: false,
        },
      },
      x2: { field: 'to' },
      y: {
        field: 'low',
        type: 'quantitative',
        title: 'examples',
        scale: { domain: [0, counts[counts.length - 1]], nice: false },
        axis: { values: counts, format: ',d', titleX: -50 },
      },
      y2: { field: 'high' },
      fill: { field: 'colour', type: 'nominal', scale: null },
    },
    config: chartConfig(style),
  };
}
