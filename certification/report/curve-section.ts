import type { CurvePoint, Summary } from '../records/summary.ts';
import { pageStyle } from './chart-style.ts';
import { curveEnd, curveSpec, type ChartFrame } from './curve-spec.ts';
import { curveLabel } from './curve-svg.ts';
import { drawSvg } from './draw-svg.ts';
import { escapeHtml } from './escape-html.ts';
import { floorPercent } from './floor-percent.ts';
import { radiusTexts } from './radius-texts.ts';
import type { ReportedClaim } from './reported-claim.ts';
import { sameRadius } from './same-radius.ts';
import { scriptData } from './script-data.ts';

/** Another run, whose curve stands beside a run's. */
export interface CurveBaseline {
  /** What to call it. */
  readonly name: string;
  readonly summary: Summary;
  readonly claim: ReportedClaim;
}

interface CurveContent {
  readonly summary: Summary;
  readonly claim: ReportedClaim;
  readonly baseline?: CurveBaseline | undefined;
}

/** The curve twice, as its letters must be legible on a telephone too. */
const FRAMES: Record<'wide' | 'narrow', ChartFrame> = {
  wide: { width: 900, height: 340, padding: { left: 62, right: 18, top: 18, bottom: 52 } },
  narrow: { width: 280, height: 230, padding: { left: 58, right: 14, top: 14, bottom: 50 } },
};

/** The curve as a figure with a legend, and the values that the page's script shows along it. */
export async function curveSection({ summary, claim, baseline }: CurveContent): Promise<string> {
  const drawings: string[] = [];
  for (const name of ['wide', 'narrow'] as const) {
    const frame = FRAMES[name];
    const { padding, width, height } = frame;
    const spec = curveSpec({ summary, claim, frame, style: pageStyle, titled: false, baseline });
    const svg = await drawSvg(spec, {
      label: curveLabel(summary, claim),
      attributes: { 'data-plot': [padding.left, padding.top, width, height].join(' ') },
    });
    drawings.push(`<div class="chart ${name}" data-curve>\n${svg}\n</div>`);
  }
  const beside = baseline && `<li><span class="key baseline"></span>${escapeHtml(baseline.name)}</li>\n`;
  return `<figure>
<ul class="legend">
<li><span class="key"></span>certified accuracy</li>
<li><span class="key band"></span>down to the lower bound for all radii at once, ρ = ${summary.rho}</li>
${beside ?? ''}</ul>
${drawings.join('\n')}
</figure>
${scriptData('curve-data', curveData({ summary, claim, baseline }))}`;
}

function curveData({ summary, claim, baseline }: CurveContent) {
  const { examples, curve } = summary;
  const texts = radiusTexts(curve.map(({ radius }) => radius));
  const percent = (share: number) => floorPercent(Math.round(share * examples), examples);
  return {
    examples,
    end: curveEnd(summary, claim, baseline),
    baseline: baseline?.name ?? null,
    points: curve.map((point, at) => {
      const before = baseline && certifiedAt(baseline.summary, point.radius);
      return {
        radius: point.radius,
        text: texts[at],
        certified: point.certified,
        accuracy: floorPercent(point.certified, examples),
        share: (100 * point.certified) / examples,
        lower: percent(point.lower),
        wholeCurveLower: percent(point.wholeCurveLower),
        before: before === undefined ? null : floorPercent(before, baseline?.summary.examples ?? 1),
        beforeShare: before === undefined ? null : (100 * before) / (baseline?.summary.examples ?? 1),
      };
    }),
  };
}

/**
 * How many examples of a run are certified at a radius that need not be one of its own: those of its next larger one, as
 * its curve is drawn. Beyond the last radius of fixed mode there are none; of sequential mode undefined, as nothing was
 * asked there.
 */
export function certifiedAt({ mode, curve }: Summary, radius: number): number | undefined {
  const next = curve.find((point: CurvePoint) => point.radius >= radius || sameRadius(point.radius, radius));
  return next?.certified ?? (mode === 'fixed' ? 0 : undefined);
}
