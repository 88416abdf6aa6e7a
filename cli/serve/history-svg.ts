import type { TopLevelSpec } from 'vega-lite';
import { auditTime } from '../../certification/records/audit-keys.ts';
import type { GateResult, IndexedAudit } from '../../certification/records/audit.ts';
import { chartConfig, pageStyle } from '../../certification/report/chart-style.ts';
import { drawSvg } from '../../certification/report/draw-svg.ts';
import { floorPercent } from '../../certification/report/floor-percent.ts';
import { radiusTexts } from '../../certification/report/radius-texts.ts';
import { sameRadius } from '../../certification/report/same-radius.ts';
import { separated } from './separated.ts';

/** The chart for wide and for narrow windows, in pixels. */
export const frames = {
  broad: { width: 850, height: 250, padding: { left: 48, right: 76, top: 30, bottom: 34 }, nights: 60, ticks: 8 },
  narrow: { width: 250, height: 200, padding: { left: 44, right: 66, top: 30, bottom: 34 }, nights: 14, ticks: 3 },
} as const;

/** Radii that are drawn: more lines could not be told apart. */
const MOST_RADII = 5;
/** Percentage points that the vertical axis spans at least, so that chance isn't drawn as a fall. */
const LEAST_SPAN = 10;
/** Areas of the points in square pixels: up to so many nights, and where they stand closer. */
const POINT_SIZES = { few: 36, many: 16 };
const FEW_NIGHTS = 15;
/** Pixels between the labels of two lines. */
const LABEL_GAP = 15;
/** Where the marks of nights stand, above the lines. */
const LANE = -14;

const MARKS = {
  failed: { colour: 'var(--alarm)', shape: 'M-1-1L1 1M1-1L-1 1', size: 70, fill: 'none' },
  error: { colour: 'var(--alarm)', shape: 'triangle-up', size: 75, fill: 'none' },
  undecided: { colour: 'var(--doubt)', shape: 'diamond', size: 80, fill: 'none' },
  skipped: { colour: 'var(--quiet)', shape: 'circle', size: 34, fill: 'none' },
} as const;
type Marked = keyof typeof MARKS;

/** How a night is marked in the chart; a night that passed isn't. */
export function nightMark({ outcome, skipped }: Pick<IndexedAudit, 'outcome' | 'skipped'>): Marked | undefined {
  if (outcome !== 'passed') return outcome;
  return skipped === undefined ? undefined : 'skipped';
}

interface History {
  /** In the order of their dates, at least one. */
  readonly audits: readonly IndexedAudit[];
  /** By the digest that an audit has of them. */
  readonly gates: ReadonlyMap<string, readonly GateResult[]>;
}

/**
 * Certified accuracy at a line's radii over its nights, as an SVG element in the page's colours, light or dark: a line for
 * each radius, the least that its gate allows as a dashed one, and above them marks at the nights that did not plainly
 * pass.
 *
 * @returns undefined where none of the nights has results.
 */
export async function historySvg(history: History, frame: keyof typeof frames): Promise<string | undefined> {
  const audits = history.audits.slice(-frames[frame].nights);
  const radii = radiiOf(audits);
  if (radii.length === 0) return undefined;
  const { width, height, padding } = frames[frame];
  const svg = await drawSvg(historySpec({ audits, gates: history.gates }, radii, frame), {
    label: inWords(audits, radii),
    attributes: { class: `chart ${frame}` },
  });
  // Its own class and size would come second, and the page's style sizes it.
  return svg
    .replace(/ class="marks"/, '')
    .replace(/ width="\d+" height="\d+"(?= viewBox)/, '')
    .replace(
      / viewBox="[^"]*"/,
      ` viewBox="0 0 ${width + padding.left + padding.right} ${height + padding.top + padding.bottom}"`,
    );
}

/** The radii of the newest night with results. */
function radiiOf(audits: readonly IndexedAudit[]): number[] {
  const newest = audits.findLast(({ summary }) => summary !== null)?.summary;
  return (newest?.certifiedAccuracy ?? []).map(({ radius }) => radius).slice(0, MOST_RADII);
}

function historySpec({ audits, gates }: History, radii: readonly number[], frame: keyof typeof frames): TopLevelSpec {
  const { width, height, padding, ticks } = frames[frame];
  const series = radii.map((radius, at) => ({
    colour: `var(--series-${at + 1})`,
    points: audits.flatMap((audit) => point(audit, radius) ?? []),
    limits: limitsOver(audits, gates, radius),
  }));
  const shown = series.flatMap(({ points, limits }) => [
    ...points.map(({ accuracy }) => accuracy),
    ...limits.flatMap(({ limit }) => limit ?? []),
  ]);
  const domain = percentDomain(shown);
  const place = (value: number) => height * (1 - (value - domain[0]) / (domain[1] - domain[0]));
  const texts = radiusTexts(radii);
  const places = separated(
    series.map(({ points }) => place(points.at(-1)?.accuracy ?? domain[0])),
    LABEL_GAP,
  );
  const times = audits.map(({ date }) => timeOf(date));
  const x = {
    field: 'time',
    type: 'quantitative' as const,
    title: null,
    scale: { domain: timeDomain(times), nice: false, zero: false },
    axis: { values: tickTimes(times, ticks), labelExpr: "utcFormat(datum.value, '%-d %b')", grid: false },
  };
  const y = {
    type: 'quantitative' as const,
    title: null,
    scale: { domain, nice: false, zero: false },
    axis: { tickCount: 5, labelExpr: "datum.value + ' %'", domain: false, ticks: false },
  };
  const pointSize = audits.length <= FEW_NIGHTS ? POINT_SIZES.few : POINT_SIZES.many;
  const nights = audits.flatMap((audit) => {
    const marked = nightMark(audit);
    return marked === undefined ? [] : [{ time: timeOf(audit.date), marked }];
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent',
    width,
    height,
    padding,
    autosize: 'none',
    layer: [
      {
        data: { values: nights.filter(({ marked }) => marked === 'failed' || marked === 'error') },
        mark: { type: 'rule', stroke: 'var(--alarm)', strokeOpacity: 0.35 },
        encoding: { x },
      },
      ...series
        .filter(({ limits }) => limits.some(({ limit }) => limit !== null))
        .map(({ colour, limits }) => ({
          data: { values: limits },
          mark: {
            type: 'line' as const,
            interpolate: 'step-after' as const,
            stroke: colour,
            strokeDash: [3, 3],
            strokeWidth: 1,
          },
          encoding: { x, y: { ...y, field: 'limit' } },
        })),
      ...series.map(({ colour, points }) => ({
        data: { values: points },
        mark: {
          type: 'line' as const,
          stroke: colour,
          strokeWidth: 1.75,
          point: { fill: colour, size: pointSize, opacity: 1 },
        },
        encoding: { x, y: { ...y, field: 'accuracy' } },
      })),
      ...series.map(({ colour, points }, at) => ({
        data: { values: points.slice(-1) },
        mark: {
          type: 'text' as const,
          align: 'left' as const,
          baseline: 'middle' as const,
          fill: colour,
          fontSize: 12,
          x: width + 8,
          y: places[at],
        },
        encoding: { text: { value: `r ${texts[at]}` } },
      })),
      ...(Object.keys(MARKS) as Marked[]).map((marked) => {
        const { colour, shape, size, fill } = MARKS[marked];
        return {
          data: { values: nights.filter((night) => night.marked === marked) },
          mark: { type: 'point' as const, shape, size, stroke: colour, strokeWidth: 1.8, fill, opacity: 1, y: LANE },
          encoding: { x },
        };
      }),
    ],
    // The picture has its words as a whole: a mark by itself has none.
    config: chartConfig(pageStyle),
  };
}

function point({ date, summary }: IndexedAudit, radius: number) {
  const at = summary?.certifiedAccuracy.find((candidate) => sameRadius(candidate.radius, radius));
  if (summary === null || at === undefined) return undefined;
  return { time: timeOf(date), accuracy: (100 * at.certified) / summary.examples };
}

/** A radius's least certified accuracy from the first night to the last; of a single night, over the chart's whole width. */
function limitsOver(audits: History['audits'], gates: History['gates'], radius: number) {
  const limits = audits.map(({ date, asked: digest }) => ({
    time: timeOf(date),
    limit: limitAt(gates.get(digest), radius),
  }));
  if (limits.length > 1) return limits;
  return timeDomain(limits.map(({ time }) => time)).map((time) => ({ ...limits[0], time }));
}

function limitAt(gates: readonly GateResult[] | undefined, radius: number): number | null {
  const gate = gates?.find((each) => each.gate === 'certifiedAccuracy' && sameRadius(each.radius ?? -1, radius));
  return gate === undefined ? null : 100 * gate.limit;
}

/** Whole tens around the values, within 0 and 100. */
function percentDomain(values: readonly number[]): [number, number] {
  const low = Math.max(0, 5 * Math.floor((Math.min(...values) - 1) / 5));
  const high = Math.min(100, 5 * Math.ceil((Math.max(...values) + 1) / 5));
  return high - low >= LEAST_SPAN
    ? [low, high]
    : [Math.max(0, Math.min(low, high - LEAST_SPAN)), Math.max(high, LEAST_SPAN)];
}

const DAY_MS = 86_400_000;

function timeDomain(times: readonly number[]): [number, number] {
  const [first, last] = [times[0], times[times.length - 1]];
  return first === last ? [first - DAY_MS / 2, first + DAY_MS / 2] : [first, last];
}

/** Some of the nights, evenly, the last among them. */
function tickTimes(times: readonly number[], most: number): number[] {
  const stride = Math.ceil(times.length / most);
  return times.filter((_, at) => (times.length - 1 - at) % stride === 0);
}

/** An audit's date in milliseconds, as charts count time. */
function timeOf(date: string): number {
  return auditTime(date).getTime();
}

function inWords(audits: readonly IndexedAudit[], radii: readonly number[]): string {
  const texts = radiusTexts(radii);
  const newest = audits.findLast(({ summary }) => summary !== null)?.summary;
  const now = (newest?.certifiedAccuracy ?? [])
    .slice(0, radii.length)
    .map(({ certified }, at) => `${floorPercent(certified, newest?.examples ?? 1)} at radius ${texts[at]}`);
  const failed = audits.filter(({ outcome }) => outcome === 'failed').length;
  return `Certified accuracy over ${audits.length} nights, ${failed} of them failed; in the last results ${now.join(', ')}.`;
}
