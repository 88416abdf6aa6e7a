import type { SeriesStyle } from './series-styles.ts';

/** An entry of a legend, placed. */
export interface LegendEntry {
  readonly label: string;
  readonly style: SeriesStyle;
  /** Where the sample of the line begins, in pixels from the left of the whole picture. */
  readonly x: number;
  /** The middle of the entry, in pixels from the top of the legend. */
  readonly y: number;
}

export const SAMPLE_WIDTH = 30;
export const SAMPLE_GAP = 7;
const ROW_HEIGHT = 18;
/** What a character is wide at most on average, in pixels at 12 px: text isn't measured, so that places are the same everywhere. */
const CHARACTER = 6.6;
const COLUMNS = [3, 2, 1];

/**
 * Lays a legend out in as many columns as its longest label leaves, at most three, row by row; longer labels than fit in one
 * lose their beginning, since paths are told apart by their ends.
 *
 * @param width of the whole legend, in pixels.
 */
export function curvesLegend(
  entries: readonly { label: string; style: SeriesStyle }[],
  width: number,
): { entries: LegendEntry[]; height: number } {
  const longest = Math.max(...entries.map(({ label }) => label.length));
  const characters = (columns: number) => Math.floor((width / columns - SAMPLE_WIDTH - 2 * SAMPLE_GAP) / CHARACTER);
  const columns = COLUMNS.find((count) => count <= entries.length && longest <= characters(count)) ?? 1;
  const most = characters(columns);
  return {
    entries: entries.map(({ label, style }, at) => ({
      label: label.length <= most ? label : `…${label.slice(1 - most)}`,
      style,
      x: ((at % columns) * width) / columns,
      y: (Math.floor(at / columns) + 0.5) * ROW_HEIGHT,
    })),
    height: Math.ceil(entries.length / columns) * ROW_HEIGHT,
  };
}
