import type { Summary } from '../records/summary.ts';
import { accuracyRows } from './accuracy-rows.ts';
import { accuracyTitle } from './accuracy-title.ts';
import { fileStyle } from './chart-style.ts';
import { curveSpec, type ChartFrame } from './curve-spec.ts';
import { drawSvg } from './draw-svg.ts';
import type { ReportedClaim } from './reported-claim.ts';
import { scaleWords } from './scale-text.ts';

const FRAME: ChartFrame = { width: 520, height: 300, padding: { left: 62, right: 22, top: 66, bottom: 54 } };

/**
 * The certified-accuracy curve (`curveSpec`) as an SVG document of 604 × 420 px on white. The bytes are a function of the
 * arguments alone.
 *
 * @param claim of sampling mode "fixed" or "sequential".
 */
export async function curveSvg({ summary, claim }: { summary: Summary; claim: ReportedClaim }): Promise<string> {
  const spec = curveSpec({ summary, claim, frame: FRAME, style: fileStyle, titled: true });
  return `${await drawSvg(spec, { label: curveLabel(summary, claim) })}\n`;
}

/** The curve in words, for who can't see it; numbers, norms and plain words alone, so there is nothing to escape. */
export function curveLabel(summary: Summary, claim: ReportedClaim): string {
  const points = accuracyRows(summary).map(({ radius, accuracy }) => `${accuracy} at radius ${radius}`);
  return `${accuracyTitle(claim, scaleWords(claim.noise))}: ${points.join(', ')}.`;
}
