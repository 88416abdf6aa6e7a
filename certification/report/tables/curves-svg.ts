import { normSymbols } from '../../records/norm.ts';
import type { CertifiedResults } from '../certified-results.ts';
import { drawSvg } from '../draw-svg.ts';
import { percentDigits } from '../percent-digits.ts';
import { radiusTexts } from '../radius-texts.ts';
import { tableRadii } from '../table-radii.ts';
import { certifiedCount } from './certified-point.ts';
import { curvesSpec, type PlottedCurve } from './curves-spec.ts';
import { decimalsOfShares } from './decimals-of-shares.ts';
import type { ExtraSeries } from './extra-series.ts';
import { oneNorm } from './one-norm.ts';
import { oneLine } from './printed-table.ts';
import { rowTexts } from './row-labels.ts';
import { extraStyle, seriesStyle } from './series-styles.ts';
import { commonParts } from './setting-texts.ts';
import { sharedRadii } from './shared-radii.ts';

/**
 * The certified-accuracy curves of several results as an SVG document on white, 430 px wide, for the column of a paper; of one
 * result with a band down to its lower bound for all radii at once. The bytes are a function of the arguments alone.
 *
 * @param results at least one, of one norm; the legend has them in their order.
 * @param options.extras curves that aren't of one result, drawn broad beneath the others.
 * @param options.labels what the legend calls the results; left out, what they differ in.
 * @throws PerimeterError `InvalidRequest` where norms differ.
 */
export async function curvesSvg(
  results: readonly CertifiedResults[],
  {
    title,
    extras = [],
    labels = rowTexts(results),
  }: { title?: string | undefined; extras?: readonly ExtraSeries[]; labels?: readonly string[] } = {},
): Promise<string> {
  const norm = normSymbols[oneNorm(results)];
  const own = results.map((each, at): PlottedCurve => plotted(each, labels[at], { at, banded: results.length === 1 }));
  const grid = extras.length === 0 ? [] : farthestGrid(results);
  const beneath = extras.map(({ label, examples, certifiedAt }): PlottedCurve => {
    const points = grid.map((radius) => ({ radius, accuracy: (100 * certifiedAt(radius)) / examples }));
    return { label: oneLine(label), style: extraStyle, points, marked: false };
  });
  const spec = curvesSpec({
    curves: [...own, ...beneath],
    axis: `${norm} radius (input units)`,
    title: title === undefined ? undefined : oneLine(title),
    caption: captionOf(results),
  });
  return `${await drawSvg(spec, { label: inWords(results, labels) })}\n`;
}

function plotted(
  { summary, setting }: CertifiedResults,
  label: string,
  { at, banded }: { at: number; banded: boolean },
): PlottedCurve {
  const points = summary.curve.map(({ radius, certified, wholeCurveLower }) => ({
    radius,
    accuracy: (100 * certified) / summary.examples,
    ...(banded && { lower: 100 * wholeCurveLower }),
  }));
  const fixed = setting.mode === 'fixed';
  return {
    label: oneLine(label),
    style: seriesStyle(at),
    points: fixed ? downToZero(points) : points,
    marked: !fixed,
  };
}

/** A curve of fixed mode up to where nothing is certified any more, as nothing is past its end. */
function downToZero<Point extends { radius: number; accuracy: number }>(points: readonly Point[]): Point[] {
  const last = points.findLastIndex(({ accuracy }) => accuracy > 0);
  const end = points.at(last + 1) ?? points[points.length - 1];
  return [...points.slice(0, last + 1), { ...end, accuracy: 0, ...('lower' in end && { lower: 0 }) }];
}

/** Radii at which all of the results can be asked, close together and as far as any reaches. */
function farthestGrid(results: readonly CertifiedResults[]): number[] {
  if (results.some(({ setting }) => setting.mode === 'sequential')) return sharedRadii(results);
  const curves = results.map(({ summary }) => summary.curve.map(({ radius }) => radius));
  return curves.reduce((one, other) => ((other.at(-1) ?? 0) > (one.at(-1) ?? 0) ? other : one));
}

/** What the axes and the legend don't say. */
function captionOf(results: readonly CertifiedResults[]): string {
  const [{ setting }] = results;
  return [
    ...(results.some(({ summary }) => summary.simulated) ? ['simulated: no model was run'] : []),
    ...(results.some(({ summary }) => summary.imported) ? ['imported: nothing was checked'] : []),
    ...commonParts(results),
    ...(results.length === 1 ? [`band: bound at all radii, ρ = ${setting.rho}`] : []),
  ].join(', ');
}

/** The plot in words, for who can't see it. */
function inWords(results: readonly CertifiedResults[], labels: readonly string[]): string {
  const decimals = decimalsOfShares(results.map((each) => each.radii.length));
  const curves = results.map((each, at) => {
    const radii = tableRadii(each.summary);
    const texts = radiusTexts(radii);
    const points = radii.map((radius, place) => {
      const share = percentDigits(certifiedCount(each, radius), each.radii.length, decimals);
      return `${share} % at radius ${texts[place]}`;
    });
    return `${oneLine(labels[at])}: ${points.join(', ')}.`;
  });
  return `Certified accuracy. ${curves.join(' ')}`;
}
