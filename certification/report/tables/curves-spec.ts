import type { TopLevelSpec } from 'vega-lite';
import { chartConfig, fileStyle } from '../chart-style.ts';
import { axisTicks } from '../curve-spec.ts';
import { decimalsNeeded } from '../decimals-needed.ts';
import { curvesLegend, SAMPLE_GAP, SAMPLE_WIDTH } from './curves-legend.ts';
import type { SeriesStyle } from './series-styles.ts';

/** A curve of a plot of several. */
export interface PlottedCurve {
  readonly label: string;
  readonly style: SeriesStyle;
  /** By radius, ascending; accuracies in percent, `lower` a bound at all radii at once. */
  readonly points: readonly { readonly radius: number; readonly accuracy: number; readonly lower?: number }[];
  /** Whether points mark the radii: they alone were decided. */
  readonly marked: boolean;
}

interface CurvesOptions {
  /** In the order of the legend; those that come first lie above the others. */
  readonly curves: readonly PlottedCurve[];
  /** What the radii are of. */
  readonly axis: string;
  readonly title?: string | undefined;
  /** Small print beneath. */
  readonly caption: string;
}

const PLOT = { width: 350, height: 220 };
const PADDING = { left: 62, right: 18, top: 14 };
const TITLE_HEIGHT = 26;
/** From the plot's lower edge to the legend: labels and title of the axis. */
const AXIS_HEIGHT = 48;
const CAPTION_HEIGHT = 20;
const CAPTION_SIZE = 10.5;
const TICKS = 6;
const POINT_SIZE = 26;

/**
 * Certified accuracy over radius of several results as a Vega-Lite specification, 430 px wide, for the column of a paper: step
 * lines that never show more than is certified, told apart by colour and by dash, with a legend below whose places depend
 * on nothing but the labels' lengths.
 */
export function curvesSpec({ curves, axis, title, caption }: CurvesOptions): TopLevelSpec {
  const end = Math.max(...curves.flatMap(({ points }) => points.map(({ radius }) => radius))) || Number.MIN_VALUE;
  const ticks = axisTicks(end, TICKS);
  const legend = curvesLegend(curves, PADDING.left + PLOT.width + PADDING.right - 2 * SAMPLE_GAP);
  const x = {
    field: 'radius',
    type: 'quantitative' as const,
    title: axis,
    scale: { domain: [0, end], nice: false },
    axis: { values: ticks, format: `.${decimalsNeeded(ticks)}f`, titleY: 30 },
  };
  const y = {
    type: 'quantitative' as const,
    title: 'certified accuracy',
    scale: { domain: [0, 100], nice: false },
    axis: { values: [0, 20, 40, 60, 80, 100], labelExpr: "datum.value + ' %'", titleX: -46 },
  };
  const accuracy = { ...y, field: 'accuracy' };
  const left = SAMPLE_GAP - PADDING.left;
  const top = PLOT.height + AXIS_HEIGHT;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: fileStyle.background,
    ...PLOT,
    padding: {
      ...PADDING,
      top: PADDING.top + (title === undefined ? 0 : TITLE_HEIGHT),
      bottom: AXIS_HEIGHT + legend.height + CAPTION_HEIGHT,
    },
    autosize: 'none',
    ...(title !== undefined && { title }),
    layer: [
      ...curves.toReversed().flatMap(({ points, style, marked }) => {
        const values = fromZero(points);
        const { strokeDash, ...line } = style;
        return [
          ...(points.some(({ lower }) => lower !== undefined)
            ? [
                {
                  data: { values },
                  mark: {
                    type: 'area' as const,
                    interpolate: 'step-before' as const,
                    fill: style.stroke,
                    fillOpacity: 0.25,
                  },
                  encoding: { x, y: accuracy, y2: { field: 'lower' } },
                },
              ]
            : []),
          {
            data: { values },
            mark: {
              type: 'line' as const,
              interpolate: 'step-before' as const,
              strokeJoin: 'miter' as const,
              ...line,
              ...(strokeDash.length > 0 && { strokeDash: [...strokeDash] }),
            },
            encoding: { x, y: accuracy },
          },
          ...(marked
            ? [
                {
                  data: { values: [...points] },
                  mark: { type: 'circle' as const, fill: style.stroke, opacity: 1, size: POINT_SIZE },
                  encoding: { x, y: accuracy },
                },
              ]
            : []),
        ];
      }),
      ...legend.entries.flatMap(({ label, style, x: from, y: middle }) => [
        {
          data: { values: [{}] },
          mark: {
            type: 'rule' as const,
            stroke: style.stroke,
            strokeWidth: style.strokeWidth,
            ...(style.strokeDash.length > 0 && { strokeDash: [...style.strokeDash] }),
          },
          encoding: {
            x: { value: left + from },
            x2: { value: left + from + SAMPLE_WIDTH },
            y: { value: top + middle },
            y2: { value: top + middle },
          },
        },
        words(label, {
          x: left + from + SAMPLE_WIDTH + SAMPLE_GAP,
          y: top + middle,
          fill: fileStyle.ink,
          fontSize: 12,
        }),
      ]),
      words(caption, {
        x: left,
        y: top + legend.height + CAPTION_HEIGHT / 2,
        fill: fileStyle.quiet,
        fontSize: CAPTION_SIZE,
      }),
    ],
    config: chartConfig(fileStyle),
  };
}

function words(text: string, place: { x: number; y: number; fill: string; fontSize: number }) {
  return {
    data: { values: [{}] },
    mark: { type: 'text' as const, align: 'left' as const, baseline: 'middle' as const, ...place },
    encoding: { text: { value: text } },
  };
}

/** What holds at the first radius holds down to 0. */
function fromZero<Point extends { radius: number }>(points: readonly Point[]): Point[] {
  return points[0].radius > 0 ? [{ ...points[0], radius: 0 }, ...points] : [...points];
}
