/** The times in ids: `20260101-020000-3f9a1c` of a run, `nightly-2026-01-01T020000Z` of an audit's. */
const TIME = /(?<year>20\d{2})-?(?<month>\d{2})-?(?<day>\d{2})[-T](?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})/;

/**
 * Run ids with the newest first, by the times in them, so that no run is read for it; after them those without a time,
 * with the higher of two numbers first (`nightly-10`, `nightly-9`).
 */
export function newestFirst(runs: readonly string[]): string[] {
  const keyed = runs.map((run) => ({ run, time: timeIn(run), padded: padded(run) }));
  return keyed.sort((a, b) => descending(a.time, b.time) || descending(a.padded, b.padded)).map(({ run }) => run);
}

function timeIn(run: string): string {
  const time = TIME.exec(run)?.groups;
  return time === undefined ? '' : Object.values(time).join('');
}

/** An id's numbers in equally many digits, so that they are compared as numbers. */
function padded(run: string): string {
  return run.replace(/\d+/g, (digits) => digits.padStart(20, '0'));
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
