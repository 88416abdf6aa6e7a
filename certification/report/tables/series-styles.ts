/** How one of several curves is drawn. */
export interface SeriesStyle {
  readonly stroke: string;
  readonly strokeWidth: number;
  readonly strokeDash: readonly number[];
}

/** Colours that the colour-blind can tell apart, and that differ in lightness (Okabe & Ito, Color Universal Design, 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#000000', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
/** In print without colours the dashes tell them apart. */
const DASHES = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [12, 3, 2, 3, 2, 3], [1, 3]];
const WIDTH = 1.6;

/** The style of a curve by its place: no two of 49 are the same. */
export function seriesStyle(at: number): SeriesStyle {
  const round = Math.floor(at / COLOURS.length);
  return {
    stroke: COLOURS[at % COLOURS.length],
    strokeWidth: WIDTH,
    strokeDash: DASHES[(at + round) % DASHES.length],
  };
}

/** That of a curve which isn't one of the results: broad and pale, so that they show above it. */
export const extraStyle: SeriesStyle = { stroke: '#c3c7cc', strokeWidth: 6, strokeDash: [] };
