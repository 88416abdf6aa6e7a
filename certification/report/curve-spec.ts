import type { TopLevelSpec } from 'vega-lite';
import { normOf, normSymbols } from '../records/norm.ts';
import type { CurvePoint, Summary } from '../records/summary.ts';
import { accuracyTitle } from './accuracy-title.ts';
import type { ChartStyle } from './chart-style.ts';
import { certifySampling } from './certify-sampling.ts';
import { chartConfig } from './chart-style.ts';
import { decimalsNeeded } from './decimals-needed.ts';
import { floorPercent } from './floor-percent.ts';
import { groupThousands } from './group-thousands.ts';
import { middlingRadius } from './middling-radius.ts';
import type { ReportedClaim } from './reported-claim.ts';
import { roundSteps } from './round-steps.ts';
import { scaleText } from './scale-text.ts';

/** A curve's drawing area and the space around it, in pixels. */
export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  readonly padding: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

interface CurveOptions {
  readonly summary: Summary;
  readonly claim: ReportedClaim;
  readonly frame: ChartFrame;
  readonly style: ChartStyle;
  /** Whether title and subtitle stand above the curve. */
  readonly titled: boolean;
  /** A curve to draw beside it, as a thinner line. */
  readonly baseline?: { readonly summary: Summary; readonly claim: ReportedClaim } | undefined;
}

const MOST_TICKS = 8;
/** Pixels that a tick's label needs. */
const TICK_WIDTH = 60;
/** Areas of the points at the radii of sequential mode, in square pixels: up to 20 of them, and where they stand closer. */
const POINT_SIZES = { few: 40, many: 12 };
const FEW_POINTS = 20;

/**
 * A certified-accuracy curve as a Vega-Lite specification: certified accuracy over radius as a step line that never shows
 * more than is certified, with a band down to the lower bound for all radii at once, and clean accuracy as a dashed rule.
 * In sequential mode a point marks each radius that was decided; below it the line shows what is certified there, as what
 * holds at a radius holds at smaller ones.
 */
export function curveSpec({ summary, claim, frame, style, titled, baseline }: CurveOptions): TopLevelSpec {
  const { mode } = certifySampling(claim);
  const { examples, curve, cleanAccuracy } = summary;
  const { width, height, padding } = frame;
  const points = curve.map((point) => plotted(point, examples));
  const values = fromZero(points);
  const end = curveEnd(summary, claim, baseline);
  const clean = floorPercent(Math.round(cleanAccuracy * examples), examples);
  const ticks = axisTicks(end, Math.min(MOST_TICKS, Math.floor(width / TICK_WIDTH)));
  const x = {
    field: 'radius',
    type: 'quantitative' as const,
    title: `${normSymbols[normOf(claim)]} radius (input units)`,
    scale: { domain: [0, end], nice: false },
    axis: { values: ticks, format: `.${decimalsNeeded(ticks)}f`, titleY: 30 },
  };
  const y = {
    type: 'quantitative' as const,
    title: 'certified accuracy',
    scale: { domain: [0, 100], nice: false },
    axis: { values: [0, 20, 40, 60, 80, 100], labelExpr: "datum.value + ' %'", titleX: -46 },
  };
  const decided = {
    data: { values: points },
    mark: {
      type: 'circle' as const,
      fill: style.accent,
      opacity: 1,
      size: points.length <= FEW_POINTS ? POINT_SIZES.few : POINT_SIZES.many,
    },
    encoding: { x, y: { ...y, field: 'accuracy' } },
  };
  const beside = baseline && {
    data: {
      values: fromZero(baseline.summary.curve.map((point) => plotted(point, baseline.summary.examples))),
    },
    mark: {
      type: 'line' as const,
      interpolate: 'step-before' as const,
      stroke: style.baseline,
      strokeWidth: 1.5,
      strokeJoin: 'miter' as const,
    },
    encoding: { x, y: { ...y, field: 'accuracy' } },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...(style.background !== undefined && { background: style.background }),
    width,
    height,
    padding,
    autosize: 'none',
    ...(titled && { title: titles(summary, claim) }),
    data: { values },
    layer: [
      {
        data: { values: [{ clean: 100 * cleanAccuracy }] },
        layer: [
          { mark: { type: 'rule', stroke: style.quiet, strokeDash: [4, 3] } },
          {
            mark: {
              type: 'text',
              align: 'right',
              baseline: 'bottom',
              dy: -3,
              x: width - 4,
              fill: style.quiet,
              fontSize: 11,
            },
            encoding: { text: { value: `clean accuracy ${clean}` } },
          },
        ],
        encoding: { y: { ...y, field: 'clean' } },
      },
      {
        mark: { type: 'area', interpolate: 'step-before', fill: style.accent, fillOpacity: 0.3 },
        encoding: { x, y: { ...y, field: 'accuracy' }, y2: { field: 'lower' } },
      },
      ...(beside ? [beside] : []),
      {
        mark: {
          type: 'line',
          interpolate: 'step-before',
          stroke: style.accent,
          strokeWidth: 1.5,
          strokeJoin: 'miter',
        },
        encoding: { x, y: { ...y, field: 'accuracy' } },
      },
      ...(mode === 'sequential' ? [decided] : []),
    ],
    config: chartConfig(style),
  };
}

/** Where the axis of radii ends: at the last radius of the curve, or of the one beside it where that is larger. */
export function curveEnd(
  summary: Summary,
  claim: ReportedClaim,
  baseline?: { summary: Summary; claim: ReportedClaim },
): number {
  const last = (each: Summary) => each.curve[each.curve.length - 1].radius;
  const own = Math.max(last(summary), baseline === undefined ? 0 : last(baseline.summary));
  return own || (summary.mode === 'sequential' ? middlingRadius(claim) : Number.MIN_VALUE);
}

function titles(summary: Summary, claim: ReportedClaim) {
  const { mode, n, alpha } = certifySampling(claim);
  return {
    text: accuracyTitle(claim, scaleText(claim.noise)),
    subtitle:
      `${groupThousands(summary.examples)} examples, n ${mode === 'sequential' ? '≤' : '='} ${groupThousands(n)}, α = ${alpha}; ` +
      `band: lower bound for all radii at once, ρ = ${summary.rho}`,
  };
}

function plotted({ radius, certified, wholeCurveLower }: CurvePoint, examples: number) {
  return { radius, accuracy: (100 * certified) / examples, lower: 100 * wholeCurveLower };
}

/** What holds at the first radius holds down to 0. */
function fromZero<Point extends { radius: number }>(points: readonly Point[]): Point[] {
  return points[0].radius > 0 ? [{ ...points[0], radius: 0 }, ...points] : [...points];
}

/** Multiples of a round step from 0 to an end, each the double nearest to its decimal: some `most` of them. */
export function axisTicks(end: number, most: number): number[] {
  const step = roundSteps.find((candidate) => end / candidate <= most) ?? end;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => Number((at * step).toFixed(14)));
}
