/** Shares are printed with two digits at least. */
const MOST_ROUNDING = 0.01;

/** What stood in the column `correct` where it was not 1 for a right prediction and 0 for any other; undefined where it was. */
export function correctNote(rows: readonly (readonly [right: boolean, text: string])[]): string | undefined {
  const differing = rows.filter(([right, text]) => valueOf(text) !== Number(right)).length;
  if (differing === 0) return undefined;
  let sum = 0;
  const running = rows.map(([right], at) => ({ sum: (sum += Number(right)), mean: sum / (at + 1) }));
  const every = (holds: (at: number, text: string) => boolean) => rows.every(([, text], at) => holds(at, text));
  const kept = 'it was recomputed from label and predict.';
  if (every((at, text) => valueOf(text) === running[at].sum)) {
    return `The column "correct" holds the number of correct examples so far: ${kept}`;
  }
  if (every((at, text) => Math.abs(valueOf(text) - running[at].mean) <= lastPlace(text))) {
    return `The column "correct" holds the share of correct examples so far: ${kept}`;
  }
  return `The column "correct" contradicts label and predict in ${differing} of ${rows.length} rows: ${kept}`;
}

function valueOf(text: string): number {
  if (/^true$/i.test(text)) return 1;
  return /^false$/i.test(text) ? 0 : Number(text);
}

/**
 * One unit of the last digit printed, which rounding can take; at least 1e-10, as sums round too. A share that is printed
 * as a whole number was rounded to as many digits as one can't see.
 */
function lastPlace(text: string): number {
  const [, decimals = '', exponent = '0'] = /^\d*\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  return Math.min(MOST_ROUNDING, Math.max(1e-10, Number(`1e${Number(exponent) - decimals.length}`)));
}
