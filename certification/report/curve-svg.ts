import type { TopLevelSpec } from 'vega-lite';
import type { Claim } from '../records/claim.ts';
import type { Summary } from '../records/summary.ts';
import { accuracyRows } from './accuracy-rows.ts';
import { certifySampling } from './certify-sampling.ts';
import { decimalsNeeded } from './decimals-needed.ts';
import { floorPercent } from './floor-percent.ts';
import { groupThousands } from './group-thousands.ts';
import { roundSteps } from './round-steps.ts';

const FONT = 'Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif';
const INK = '#1a1a1a';
const QUIET = '#5f6368';
const RULE = '#e4e6e9';
const BLUE = '#1f5fa8';
const WIDTH = 520;
const HEIGHT = 300;
const PADDING = { left: 62, right: 22, top: 66, bottom: 54 };
const MOST_TICKS = 8;
/** Areas of the points at the radii of sequential mode, in square pixels: up to 20 of them, and where they stand closer. */
const POINT_SIZES = { few: 40, many: 12 };
const FEW_POINTS = 20;

/**
 * The certified-accuracy curve as an SVG document of 604 × 420 px on white: certified accuracy over radius as a step
 * line that never shows more than is certified, with a band down to the lower bound for all radii at once, and clean
 * accuracy as a dashed rule. In sequential mode a point marks each radius that was decided; below it the line shows what
 * is certified there, as what holds at a radius holds at smaller ones.
 *
 * The bytes are a function of the arguments alone: everything is placed by the constants above, so the widths of
 * texts, which Vega measures where it finds a canvas and estimates elsewhere, move nothing.
 *
 * @param claim of sampling mode "fixed" or "sequential".
 */
export async function curveSvg({ summary, claim }: { summary: Summary; claim: Claim }): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(vegaLite.compile(curveSpec(summary, claim)).spec), { renderer: 'none' });
  try {
    return `${(await view.toSVG()).replace('<svg ', `<svg role="img" aria-label="${label(summary, claim)}" `)}\n`;
  } finally {
    view.finalize();
  }
}

function curveSpec(summary: Summary, claim: Claim): TopLevelSpec {
  const { mode, n, alpha } = certifySampling(claim);
  const { examples, rho, curve, cleanAccuracy } = summary;
  const points = curve.map(({ radius, certified, wholeCurveLower }) => ({
    radius,
    accuracy: (100 * certified) / examples,
    lower: 100 * wholeCurveLower,
  }));
  const values = points[0].radius > 0 ? [{ ...points[0], radius: 0 }, ...points] : points;
  const end = curve[curve.length - 1].radius || (mode === 'sequential' ? claim.noise.sigma : Number.MIN_VALUE);
  const clean = floorPercent(Math.round(cleanAccuracy * examples), examples);
  const ticks = axisTicks(end);
  const x = {
    field: 'radius',
    type: 'quantitative' as const,
    title: 'ℓ2 radius (input units)',
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
      fill: BLUE,
      opacity: 1,
      size: points.length <= FEW_POINTS ? POINT_SIZES.few : POINT_SIZES.many,
    },
    encoding: { x, y: { ...y, field: 'accuracy' } },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    width: WIDTH,
    height: HEIGHT,
    padding: PADDING,
    autosize: 'none',
    title: {
      text: `${claim.stub ? 'Simulated: certified' : 'Certified'} accuracy at σ = ${claim.noise.sigma}`,
      subtitle:
        `${groupThousands(examples)} examples, n ${mode === 'sequential' ? '≤' : '='} ${groupThousands(n)}, α = ${alpha}; ` +
        `band: lower bound for all radii at once, ρ = ${rho}`,
    },
    data: { values },
    layer: [
      {
        data: { values: [{ clean: 100 * cleanAccuracy }] },
        layer: [
          { mark: { type: 'rule', stroke: QUIET, strokeDash: [4, 3] } },
          {
            mark: { type: 'text', align: 'right', baseline: 'bottom', dy: -3, x: WIDTH - 4, fill: QUIET, fontSize: 11 },
            encoding: { text: { value: `clean accuracy ${clean}` } },
          },
        ],
        encoding: { y: { ...y, field: 'clean' } },
      },
      {
        mark: { type: 'area', interpolate: 'step-before', fill: BLUE, fillOpacity: 0.3 },
        encoding: { x, y: { ...y, field: 'accuracy' }, y2: { field: 'lower' } },
      },
      {
        mark: { type: 'line', interpolate: 'step-before', stroke: BLUE, strokeWidth: 1.5, strokeJoin: 'miter' },
        encoding: { x, y: { ...y, field: 'accuracy' } },
      },
      ...(mode === 'sequential' ? [decided] : []),
    ],
    config: {
      aria: false,
      font: FONT,
      view: { stroke: null },
      title: {
        anchor: 'start',
        frame: 'group',
        color: INK,
        subtitleColor: QUIET,
        fontSize: 15,
        fontWeight: 600,
        subtitleFontSize: 12,
        subtitlePadding: 5,
        offset: 16,
      },
      axis: {
        aria: false,
        domainColor: INK,
        tickColor: INK,
        gridColor: RULE,
        labelColor: INK,
        titleColor: INK,
        labelFontSize: 12,
        titleFontSize: 12.5,
        titleFontWeight: 'normal',
        labelOverlap: false,
        labelBound: false,
        labelFlush: false,
      },
    },
  };
}

/** The curve in words, for who can't see it; numbers and plain words alone, so there is nothing to escape. */
function label(summary: Summary, claim: Claim): string {
  const points = accuracyRows(summary).map(({ radius, accuracy }) => `${accuracy} at radius ${radius}`);
  return `${claim.stub ? 'Simulated: certified' : 'Certified'} accuracy at sigma ${claim.noise.sigma}: ${points.join(', ')}.`;
}

/** Multiples of a round step, each the double nearest to its decimal. */
function axisTicks(end: number): number[] {
  const step = roundSteps.find((candidate) => end / candidate <= MOST_TICKS) ?? end;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => Number((at * step).toFixed(14)));
}
